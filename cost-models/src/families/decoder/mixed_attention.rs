//! Attention whose queries and last projections are those of experts (JetMoE, arXiv:2404.07413).

use cost_macros::cost;

use crate::ops::RmsNorm;

/// One of the experts of [`MixtureAttention`]: a query for each of `n` heads, and the last projection.
#[cost(part = attention)]
pub fn AttentionExpert<b, s, t, w, d, n, k>(
    x: Act<b, s, d>,
    #[hf("self_attention.experts.input_linear.weight")] wq: Weight<d, n, k>,
    #[hf("self_attention.experts.output_linear.weight")] wo: Weight<n, k, d>,
    keys: Cache<b, t, n, k>,
    values: Cache<b, t, n, k>,
) -> Act<b, s, d> {
    let q = rope(dot::<d>(x, wq));
    let attended = HeadAttention { b, s, t, w, n, k }(q, keys, values);
    let o = dot::<(n, k)>(attended, wo);
    o
}

/// Attention of `n` heads over a window of `w` tokens (`w > t` for all).
#[cost(part = attention, window(s, t, w))]
pub fn HeadAttention<b, s, t, w, n, k>(
    q: Act<b, s, n, k>,
    keys: Cache<b, t, n, k>,
    values: Cache<b, t, n, k>,
) -> Act<b, s, n, k> {
    let scores = scale(dot::<k>(q, keys));
    dot::<t>(softmax::<t>(scores), values)
}

/// Attention as a mixture: each token has queries of `top` of `e` experts, `n` heads each, over keys and values that all of them
/// share.
#[cost(part = attention)]
pub fn MixtureAttention<b, s, t, w, d, n, k, e, top>(
    x: Act<b, s, d>,
    #[part(norm)]
    #[hf("input_layernorm.weight")]
    #[gguf("blk.*.attn_norm.weight")]
    norm: Weight<d>,
    #[hf("self_attention.experts.router.layer.weight")] router: Weight<d, e>,
    #[hf("self_attention.kv_proj.weight")] wk: Weight<d, n, k>,
    #[hf("self_attention.kv_proj.weight")] wv: Weight<d, n, k>,
    #[hf("self_attention.experts.bias")] bias: Weight<d>,
    keys: Cache<b, t, n, k>,
    values: Cache<b, t, n, k>,
) -> Act<b, s, d> {
    let attn_in = RmsNorm { b, s, d }(x, norm);
    let gates = softmax::<e>(dot::<d>(attn_in, router));
    let keys = append::<t>(keys, rope(dot::<d>(attn_in, wk)));
    let values = append::<t>(values, dot::<d>(attn_in, wv));
    let o = experts::<e, top>(AttentionExpert { b, s, t, w, d, n, k }(attn_in, keys, values), gates);
    let attn_out = x + o + bias;
    attn_out
}
