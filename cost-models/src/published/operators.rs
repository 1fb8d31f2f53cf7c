//! Operators that the documents count and no architecture of this crate has by itself.

use cost_macros::cost;

/// The product of an `n × m` and an `m × p` matrix.
#[cost]
pub fn MatMul<n, m, p>(x: Act<n, m>, y: Act<m, p>) -> Act<n, p> {
    dot::<m>(x, y)
}

/// Rotary positions.
#[cost]
pub fn Rotation<b, s, n, k>(x: Act<b, s, n, k>) -> Act<b, s, n, k> {
    rope(x)
}

/// A sum with the residual, then its root-mean-square normalisation.
#[cost]
pub fn AddNorm<b, s, d>(x: Act<b, s, d>, residual: Act<b, s, d>, weight: Weight<d>) -> Act<b, s, d> {
    rms_norm::<d>(x + residual) * weight
}

/// The product inside a gated feed-forward network, without its projections.
#[cost]
pub fn GatedProduct<b, s, f>(gate: Act<b, s, f>, up: Act<b, s, f>) -> Act<b, s, f> {
    silu(gate) * up
}

/// An array as it is.
#[cost]
pub fn Array<n, m>(x: Act<n, m>) -> Act<n, m> {
    store(x)
}

/// Two products, with a width between them.
#[cost]
pub fn TwoProducts<b, d, f>(x: Act<b, d>, up: Weight<d, f>, down: Weight<f, d>) -> Act<b, d> {
    dot::<f>(dot::<d>(x, up), down)
}

/// Some of many copies of those.
#[cost]
pub fn RoutedProducts<b, d, f, e, top>(x: Act<b, d>) -> Act<b, d> {
    experts::<e, top>(TwoProducts { b, d, f }(x))
}
