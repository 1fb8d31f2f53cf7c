//! Sparse attention that looks up the keys worth attending to (DeepSeek-V3.2, "DeepSeek Sparse Attention").

use cost_macros::cost;

/// The lightning indexer: `i` light heads of width `z` score every cached token for every query, and the `w` best are
/// chosen: `top(Σ_i weight · relu(query · key))`. It caches one key of width `z` for each token.
///
/// `x` is the layer's normalised input, `low` the low-rank queries of width `r` that attention has as well.
#[cost(part = attention, causal(s, t))]
pub fn Indexer<b, s, t, d, r, i, z, w>(
    x: Act<b, s, d>,
    low: Act<b, s, r>,
    #[hf("self_attn.indexer.wq_b.weight")]
    #[gguf("blk.*.indexer.attn_q_b.weight")]
    wq: Weight<r, i, z>,
    #[hf("self_attn.indexer.wk.weight")]
    #[gguf("blk.*.indexer.attn_k.weight")]
    wk: Weight<d, z>,
    #[part(norm)]
    #[hf("self_attn.indexer.k_norm.weight")]
    #[gguf("blk.*.indexer.k_norm.weight")]
    k_norm: Weight<z>,
    #[part(norm)]
    #[hf("self_attn.indexer.k_norm.bias")]
    #[gguf("blk.*.indexer.k_norm.bias")]
    k_shift: Weight<z>,
    #[hf("self_attn.indexer.weights_proj.weight")]
    #[gguf("blk.*.indexer.proj.weight")]
    weigh: Weight<d, i>,
    index_keys: Cache<b, t, z>,
) -> Act<b, s, w> {
    let q = rope(dot::<r>(low, wq));
    let index_keys = append::<t>(index_keys, rope(layer_norm::<z>(dot::<d>(x, wk)) * k_norm + k_shift));
    let weights = scale(dot::<d>(x, weigh));
    let scores = dot::<i>(relu(dot::<z>(q, index_keys)), weights);
    let chosen = top::<t, w>(scores);
    chosen
}

/// [`super::MlaAbsorbedAttention`] over the `w` keys that each query has chosen.
#[cost(selected(s, t, w))]
pub fn SelectedAbsorbedAttention<b, s, t, w, h, c, p>(
    q: Act<b, s, h, c>,
    q_rope: Act<b, s, h, p>,
    latent: Cache<b, t, c>,
    rope_keys: Cache<b, t, p>,
    chosen: Act<b, s, w>,
) -> Act<b, s, h, c> {
    let scores = scale(dot::<c>(q, latent) + dot::<p>(q_rope, rope_keys));
    dot::<t>(softmax::<t>(among::<t, w>(scores, chosen)), latent)
}

/// [`super::MlaPlainAttention`] over the `w` keys that each query has chosen.
#[cost(selected(s, t, w))]
pub fn SelectedPlainAttention<b, s, t, w, h, k, v, p>(
    q: Act<b, s, h, k>,
    q_rope: Act<b, s, h, p>,
    keys: Cache<b, t, h, k>,
    rope_keys: Cache<b, t, p>,
    values: Cache<b, t, h, v>,
    chosen: Act<b, s, w>,
) -> Act<b, s, h, v> {
    let scores = scale(dot::<k>(q, keys) + dot::<p>(q_rope, rope_keys));
    dot::<t>(softmax::<t>(among::<t, w>(scores, chosen)), values)
}
