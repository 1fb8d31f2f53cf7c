//! Attention that differs in what is scored, what is kept and what is seen.

use cost_models::cost;
use cost_models::ops::{GqaAttention, Indexer, SelectedAbsorbedAttention};

/// Differential attention (arXiv:2410.05258): each of `h` heads takes the difference of two softmaxes of width `k`, the second
/// weighed by λ, over values twice as wide. The part of λ that isn't learned is that of the first layer.
#[cost(causal(s, t), v = 2 * k)]
pub fn DifferentialAttention<b, s, t, h, k, v>(
    q1: Act<b, s, h, k>,
    q2: Act<b, s, h, k>,
    lambda_q1: Weight<k>,
    lambda_k1: Weight<k>,
    lambda_q2: Weight<k>,
    lambda_k2: Weight<k>,
    norm: Weight<v>,
    keys1: Cache<b, t, h, k>,
    keys2: Cache<b, t, h, k>,
    values: Cache<b, t, h, v>,
) -> Act<b, s, h, v> {
    let lambda = exp(dot::<k>(lambda_q1, lambda_k1)) - exp(dot::<k>(lambda_q2, lambda_k2)) + 0.2;
    let first = softmax::<t>(scale(dot::<k>(q1, keys1)));
    let second = softmax::<t>(scale(dot::<k>(q2, keys2)));
    let attended = dot::<t>(first - second * lambda, values);
    rms_norm::<v>(attended) * norm * 0.8
}

/// Gated attention (arXiv:2505.06708): a sigmoid of the input weighs what each head has attended to, number by number.
#[cost]
pub fn GatedAttention<b, s, t, d, n, g, k>(
    x: Act<b, s, d>,
    wq: Weight<d, n, g, k>,
    wk: Weight<d, n, k>,
    wv: Weight<d, n, k>,
    to_gate: Weight<d, n, g, k>,
    wo: Weight<n, g, k, d>,
    keys: Cache<b, t, n, k>,
    values: Cache<b, t, n, k>,
) -> Act<b, s, d> {
    let q = rope(dot::<d>(x, wq));
    let gate = sigmoid(dot::<d>(x, to_gate));
    let keys = append::<t>(keys, rope(dot::<d>(x, wk)));
    let values = append::<t>(values, dot::<d>(x, wv));
    let attended = GqaAttention { b, s, t, n, g, k }(q, keys, values);
    dot::<(n, g, k)>(attended * gate, wo)
}

/// Talking-heads attention (arXiv:2003.02436): `h` heads of queries and keys are mixed into `i` softmaxes, and those into `j`
/// heads of values.
#[cost(causal(s, t))]
pub fn TalkingHeads<b, s, t, h, i, j, k, v>(
    q: Act<b, s, h, k>,
    before: Weight<h, i>,
    after: Weight<i, j>,
    keys: Cache<b, t, h, k>,
    values: Cache<b, t, j, v>,
) -> Act<b, s, j, v> {
    let scores = dot::<h>(scale(dot::<k>(q, keys)), before);
    let shares = dot::<i>(softmax::<t>(scores), after);
    dot::<t>(shares, values)
}

/// Scores of all pairs of a query and an earlier token, head by head.
#[cost(causal(s, t))]
pub fn Scores<b, s, t, h, k>(q: Act<b, s, h, k>, keys: Act<b, t, h, k>) -> Act<b, s, h, t> {
    scale(dot::<k>(q, keys))
}

/// The convolution of multi-token attention (arXiv:2504.00927, section 3.1): each score becomes a sum over those of the last `r`
/// queries and of the `u` keys around its own. The kernel slides over the whole square, in which scores that the mask leaves
/// out are zeros.
#[cost(p = s, m = t, before = r - 1, side = u / 2)]
pub fn KeyQueryConvolution<b, s, t, h, r, u, p, m, before, side>(
    scores: Act<b, s, h, t>,
    kernel: Weight<h, r, u>,
) -> Act<b, p, h, m> {
    let near = windows::<t, u, m>(windows::<s, r, p>(scores, pad = before), pad = side);
    dot::<(r, u)>(near, kernel)
}

/// The rest of it: `g` heads at a time are mixed after the softmax (section 3.2), and what each head gives is normalised and
/// scaled (section 3.3).
#[cost(causal(s, t), h = n * g, i = g)]
pub fn HeadMixing<b, s, t, h, n, g, i, k>(
    scores: Act<b, s, h, t>,
    mix: Weight<n, g, i>,
    values: Act<b, t, h, k>,
    norm: Weight<k>,
) -> Act<b, s, h, k> {
    let shares = split::<h, (n, g)>(softmax::<t>(scores));
    let mixed = dot::<g>(shares, mix);
    let seen = rename::<g, i>(split::<h, (n, g)>(values));
    let y = merge::<(n, i), h>(dot::<t>(mixed, seen));
    scale(rms_norm::<k>(y) * norm)
}

/// Multi-token attention of a text from its beginning.
#[cost(t = s, h = n * g)]
pub fn MultiTokenAttention<b, s, t, d, h, n, g, k, r, u>(
    x: Act<b, s, d>,
    wq: Weight<d, h, k>,
    wk: Weight<d, h, k>,
    wv: Weight<d, h, k>,
    wo: Weight<h, k, d>,
) -> Act<b, s, d> {
    let q = rope(dot::<d>(x, wq));
    let keys = rename::<s, t>(rope(dot::<d>(x, wk)));
    let values = rename::<s, t>(dot::<d>(x, wv));
    let scores = Scores { b, s, t, h, k }(q, keys);
    let scores = KeyQueryConvolution { b, s, t, h, r, u, p: s, m: t }(scores);
    let y = HeadMixing { b, s, t, n, g, k }(scores, values);
    dot::<(h, k)>(y, wo)
}

/// DeepSeek sparse attention (DeepSeek-V3.2-Exp, 2025): latent attention (arXiv:2405.04434) in the absorbed form over the `w`
/// tokens that a light indexer of `i` heads of width `z` has chosen for each query.
#[cost]
pub fn DeepSeekSparseAttention<b, s, t, d, r, c, h, k, v, p, i, z, w>(
    x: Act<b, s, d>,
    q_down: Weight<d, r>,
    q_norm: Weight<r>,
    q_up: Weight<r, h, k>,
    q_up_rope: Weight<r, h, p>,
    kv_down: Weight<d, c>,
    k_rope: Weight<d, p>,
    kv_norm: Weight<c>,
    k_up: Weight<h, k, c>,
    v_up: Weight<c, h, v>,
    wo: Weight<h, v, d>,
    latent: Cache<b, t, c>,
    rope_keys: Cache<b, t, p>,
) -> Act<b, s, d> {
    let low = store(rms_norm::<r>(dot::<d>(x, q_down)) * q_norm);
    let q = dot::<k>(dot::<r>(low, q_up), k_up);
    let q_rope = rope(dot::<r>(low, q_up_rope));
    let latent = append::<t>(latent, rms_norm::<c>(dot::<d>(x, kv_down)) * kv_norm);
    let rope_keys = append::<t>(rope_keys, rope(dot::<d>(x, k_rope)));
    let chosen = Indexer { b, s, t, d, r, i, z, w }(x, low);
    let attended = SelectedAbsorbedAttention { b, s, t, w, h, c, p }(q, q_rope, latent, rope_keys, chosen);
    dot::<(h, v)>(dot::<c>(attended, v_up), wo)
}

/// A layer with queries of its own over the keys and values of another one.
#[cost]
pub fn FollowingAttention<b, s, t, d, n, g, k>(
    x: Act<b, s, d>,
    wq: Weight<d, n, g, k>,
    wo: Weight<n, g, k, d>,
    keys: Cache<b, t, n, k>,
    values: Cache<b, t, n, k>,
) -> Act<b, s, d> {
    let q = rope(dot::<d>(x, wq));
    let attended = GqaAttention { b, s, t, n, g, k }(q, keys, values);
    x + dot::<(n, g, k)>(attended, wo)
}

/// Cross-layer attention (arXiv:2405.12981): `l` layers share the keys and values of the first one's input.
#[cost]
pub fn CrossLayerAttention<b, s, t, d, n, g, k, l>(
    x: Act<b, s, d>,
    wk: Weight<d, n, k>,
    wv: Weight<d, n, k>,
    keys: Cache<b, t, n, k>,
    values: Cache<b, t, n, k>,
) -> Act<b, s, d> {
    let keys = append::<t>(keys, rope(dot::<d>(x, wk)));
    let values = append::<t>(values, dot::<d>(x, wv));
    let y = x;
    for _ in 0..l {
        y = FollowingAttention { b, s, t, d, n, g, k }(y, keys, values);
    }
    y
}
