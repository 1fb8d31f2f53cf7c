//! Layers whose rounds stay on chip.

use cost_models::cost;

/// Residual mixing of manifold-constrained hyper-connections (arXiv:2512.24880): `n` streams of width `d` are mixed by a matrix
/// for each token, made doubly stochastic by `l` Sinkhorn–Knopp rounds, all on chip.
#[cost(m = n)]
pub fn MixStreams<b, s, n, m, d, l>(x: Act<b, s, n, d>, logits: Act<b, s, n, m>) -> Act<b, s, m, d> {
    let mix = exp(logits);
    'fused: for _ in 0..l {
        let rows = mix / sum::<m>(mix);
        mix = rows / sum::<n>(rows);
    }
    dot::<n>(x, mix)
}
