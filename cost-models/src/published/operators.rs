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
