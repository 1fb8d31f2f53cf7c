//! Quantised weights: widened by a kernel of their own, or inside the product that uses them.

use cost_macros::cost;

/// Widens a weight: each element is read in its format and written in that of the activations.
#[cost]
pub fn Dequantise<d, f>(w: Weight<d, f>) -> Act<d, f> {
    dequant(w)
}

/// A dense projection that widens its weight in the product.
#[cost]
pub fn FusedDequantLinear<b, s, d, f>(x: Act<b, s, d>, w: Weight<d, f>) -> Act<b, s, f> {
    dot::<d>(x, dequant(w))
}

/// A dense projection whose weight is first widened to memory, then read again.
#[cost]
pub fn UnfusedDequantLinear<b, s, d, f>(x: Act<b, s, d>, w: Weight<d, f>) -> Act<b, s, f> {
    let wide = store(dequant(w));
    dot::<d>(x, wide)
}
