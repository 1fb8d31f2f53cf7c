//! Normalisations with their learned scales.

use cost_macros::cost;

/// Root-mean-square normalisation with a learned scale (arXiv:1910.07467).
#[cost(part = norm)]
pub fn RmsNorm<b, s, d>(x: Act<b, s, d>, weight: Weight<d>) -> Act<b, s, d> {
    rms_norm::<d>(x) * weight
}

/// Layer normalisation with a learned scale and shift (arXiv:1607.06450).
#[cost(part = norm)]
pub fn LayerNorm<b, s, d>(x: Act<b, s, d>, weight: Weight<d>, shift: Weight<d>) -> Act<b, s, d> {
    layer_norm::<d>(x) * weight + shift
}

/// [`LayerNorm`] without its scale where `unscaled` is 1 (OLMo, arXiv:2402.00838), and with its shift only where `shifted` is.
#[cost(part = norm)]
pub fn PartialNorm<b, s, d, unscaled, shifted>(x: Act<b, s, d>, weight: Weight<d>, shift: Weight<d>) -> Act<b, s, d> {
    let y = layer_norm::<d>(x);
    if !unscaled {
        y = y * weight;
    }
    if shifted {
        y = y + shift;
    }
    // Unnamed, so that the kernel goes by what the caller calls it.
    store(y)
}
