//! Layers whose rounds stay on chip, and those that are part of others' kernels.

use cost_models::cost;

/// One round of Sinkhorn–Knopp (arXiv:2512.24880): all rows, then all columns of a matrix for each token are made to sum to 1.
#[cost(inline)]
pub fn SinkhornRound<b, s, n, m>(mix: Act<b, s, n, m>) -> Act<b, s, n, m> {
    let rows = mix / sum::<m>(mix);
    rows / sum::<n>(rows)
}

/// Residual mixing of manifold-constrained hyper-connections (arXiv:2512.24880): `n` streams of width `d` are mixed by a matrix
/// for each token, made doubly stochastic by `l` Sinkhorn–Knopp rounds, all on chip.
#[cost(m = n)]
pub fn MixStreams<b, s, n, m, d, l>(x: Act<b, s, n, d>, logits: Act<b, s, n, m>) -> Act<b, s, m, d> {
    let mix = exp(logits);
    'fused: for _ in 0..l {
        mix = SinkhornRound { .. }(mix);
    }
    dot::<n>(x, mix)
}

/// What RWKV mixes a token with: the one before it, in a learned share for each channel (arXiv:2305.13048).
#[cost(inline)]
pub fn TokenShift<b, s, d>(x: Act<b, s, d>, earlier: Act<b, s, d>, share: Weight<d>) -> Act<b, s, d> {
    x + (earlier - x) * share
}

/// The inputs of RWKV's receptance, key and value (arXiv:2305.13048), which one kernel computes from one read of `x`.
#[cost]
pub fn Shifts<b, s, d>(
    x: Act<b, s, d>,
    last: State<b, d>,
    receptance: Weight<d>,
    key: Weight<d>,
    value: Weight<d>,
) -> (Act<b, s, d>, Act<b, s, d>, Act<b, s, d>) {
    let earlier = before::<s>(last);
    update(last, x);
    let r = TokenShift { b, s, d }(x, earlier, receptance);
    (r, TokenShift { b, s, d }(x, earlier, key), TokenShift { .. }(x, earlier, value))
}
