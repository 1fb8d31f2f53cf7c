//! Multi-head latent attention (DeepSeek-V2, arXiv:2405.04434): keys and values of all heads come from one latent vector
//! of width `c` for each token, and a rotary part of width `p` is shared by the heads.

use cost_macros::cost;

/// The core in the absorbed form: queries are in the latent space, so the latent cache serves as keys and as values of
/// all `h` heads and is read once.
#[cost(causal(s, t))]
pub fn MlaAbsorbedAttention<b, s, t, h, c, p>(
    q: Act<b, s, h, c>,
    q_rope: Act<b, s, h, p>,
    latent: Cache<b, t, c>,
    rope_keys: Cache<b, t, p>,
) -> Act<b, s, h, c> {
    let scores = scale(dot::<c>(q, latent) + dot::<p>(q_rope, rope_keys));
    dot::<t>(softmax::<t>(scores), latent)
}

/// The core in the plain form: every head has keys of width `k` and values of width `v` of its own.
#[cost(causal(s, t))]
pub fn MlaPlainAttention<b, s, t, h, k, v, p>(
    q: Act<b, s, h, k>,
    q_rope: Act<b, s, h, p>,
    keys: Cache<b, t, h, k>,
    rope_keys: Cache<b, t, p>,
    values: Cache<b, t, h, v>,
) -> Act<b, s, h, v> {
    let scores = scale(dot::<k>(q, keys) + dot::<p>(q_rope, rope_keys));
    dot::<t>(softmax::<t>(scores), values)
}

/// [`MlaAbsorbedAttention`] with every step a kernel of its own.
#[cost(causal(s, t), unfused)]
pub fn MlaAbsorbedUnfused<b, s, t, h, c, p>(
    q: Act<b, s, h, c>,
    q_rope: Act<b, s, h, p>,
    latent: Cache<b, t, c>,
    rope_keys: Cache<b, t, p>,
) -> Act<b, s, h, c> {
    let scores = scale(dot::<c>(q, latent) + dot::<p>(q_rope, rope_keys));
    dot::<t>(softmax::<t>(scores), latent)
}

/// [`MlaAbsorbedAttention`] by blocks of `z` queries: the latent cache is read once for each block.
#[cost(causal(s, t), tile(s = z))]
pub fn MlaAbsorbedFlash<b, s, t, h, c, p, z>(
    q: Act<b, s, h, c>,
    q_rope: Act<b, s, h, p>,
    latent: Cache<b, t, c>,
    rope_keys: Cache<b, t, p>,
) -> Act<b, s, h, c> {
    let scores = scale(dot::<c>(q, latent) + dot::<p>(q_rope, rope_keys));
    dot::<t>(softmax::<t>(scores), latent)
}

/// [`MlaPlainAttention`] with every step a kernel of its own.
#[cost(causal(s, t), unfused)]
pub fn MlaPlainUnfused<b, s, t, h, k, v, p>(
    q: Act<b, s, h, k>,
    q_rope: Act<b, s, h, p>,
    keys: Cache<b, t, h, k>,
    rope_keys: Cache<b, t, p>,
    values: Cache<b, t, h, v>,
) -> Act<b, s, h, v> {
    let scores = scale(dot::<k>(q, keys) + dot::<p>(q_rope, rope_keys));
    dot::<t>(softmax::<t>(scores), values)
}

/// [`MlaPlainAttention`] by blocks of `z` queries: keys and values are read once for each block.
#[cost(causal(s, t), tile(s = z))]
pub fn MlaPlainFlash<b, s, t, h, k, v, p, z>(
    q: Act<b, s, h, k>,
    q_rope: Act<b, s, h, p>,
    keys: Cache<b, t, h, k>,
    rope_keys: Cache<b, t, p>,
    values: Cache<b, t, h, v>,
) -> Act<b, s, h, v> {
    let scores = scale(dot::<k>(q, keys) + dot::<p>(q_rope, rope_keys));
    dot::<t>(softmax::<t>(scores), values)
}

/// Attention in the absorbed form with its projections: low-rank queries (width `r`), a latent cache, and the up
/// projections of keys and values applied to queries and results instead.
#[cost(part = attention)]
pub fn MlaAbsorbed<b, s, t, d, r, c, h, k, v, p>(
    x: Act<b, s, d>,
    #[hf("self_attn.q_a_proj.weight")]
    #[gguf("blk.*.attn_q_a.weight")]
    q_down: Weight<d, r>,
    #[part(norm)]
    #[hf("self_attn.q_a_layernorm.weight")]
    #[gguf("blk.*.attn_q_a_norm.weight")]
    q_norm: Weight<r>,
    #[hf("self_attn.q_b_proj.weight")]
    #[gguf("blk.*.attn_q_b.weight")]
    q_up: Weight<r, h, k>,
    #[hf("self_attn.q_b_proj.weight")]
    #[gguf("blk.*.attn_q_b.weight")]
    q_up_rope: Weight<r, h, p>,
    #[hf("self_attn.kv_a_proj_with_mqa.weight")]
    #[gguf("blk.*.attn_kv_a_mqa.weight")]
    kv_down: Weight<d, c>,
    #[hf("self_attn.kv_a_proj_with_mqa.weight")]
    #[gguf("blk.*.attn_kv_a_mqa.weight")]
    k_rope: Weight<d, p>,
    #[part(norm)]
    #[hf("self_attn.kv_a_layernorm.weight")]
    #[gguf("blk.*.attn_kv_a_norm.weight")]
    kv_norm: Weight<c>,
    #[hf("self_attn.kv_b_proj.weight")]
    #[gguf("blk.*.attn_k_b.weight")]
    k_up: Weight<h, k, c>,
    #[hf("self_attn.kv_b_proj.weight")]
    #[gguf("blk.*.attn_v_b.weight")]
    v_up: Weight<c, h, v>,
    #[hf("self_attn.o_proj.weight")]
    #[gguf("blk.*.attn_output.weight")]
    out: Weight<h, v, d>,
    latent: Cache<b, t, c>,
    rope_keys: Cache<b, t, p>,
) -> Act<b, s, d> {
    let low = store(rms_norm::<r>(dot::<d>(x, q_down)) * q_norm);
    let q = dot::<r>(low, q_up);
    let q_rope = rope(dot::<r>(low, q_up_rope));
    let absorbed = dot::<k>(q, k_up);
    let latent = append::<t>(latent, rms_norm::<c>(dot::<d>(x, kv_down)) * kv_norm);
    let rope_keys = append::<t>(rope_keys, rope(dot::<d>(x, k_rope)));
    let attended = MlaAbsorbedAttention { b, s, t, h, c, p }(absorbed, q_rope, latent, rope_keys);
    let values = store(dot::<c>(attended, v_up));
    let o = dot::<(h, v)>(values, out);
    o
}

/// Attention in the plain form with its projections and a cache of every head's keys and values.
#[cost(part = attention)]
pub fn MlaPlain<b, s, t, d, r, c, h, k, v, p>(
    x: Act<b, s, d>,
    #[hf("self_attn.q_a_proj.weight")]
    #[gguf("blk.*.attn_q_a.weight")]
    q_down: Weight<d, r>,
    #[part(norm)]
    #[hf("self_attn.q_a_layernorm.weight")]
    #[gguf("blk.*.attn_q_a_norm.weight")]
    q_norm: Weight<r>,
    #[hf("self_attn.q_b_proj.weight")]
    #[gguf("blk.*.attn_q_b.weight")]
    q_up: Weight<r, h, k>,
    #[hf("self_attn.q_b_proj.weight")]
    #[gguf("blk.*.attn_q_b.weight")]
    q_up_rope: Weight<r, h, p>,
    #[hf("self_attn.kv_a_proj_with_mqa.weight")]
    #[gguf("blk.*.attn_kv_a_mqa.weight")]
    kv_down: Weight<d, c>,
    #[hf("self_attn.kv_a_proj_with_mqa.weight")]
    #[gguf("blk.*.attn_kv_a_mqa.weight")]
    k_rope: Weight<d, p>,
    #[part(norm)]
    #[hf("self_attn.kv_a_layernorm.weight")]
    #[gguf("blk.*.attn_kv_a_norm.weight")]
    kv_norm: Weight<c>,
    #[hf("self_attn.kv_b_proj.weight")]
    #[gguf("blk.*.attn_k_b.weight")]
    k_up: Weight<h, k, c>,
    #[hf("self_attn.kv_b_proj.weight")]
    #[gguf("blk.*.attn_v_b.weight")]
    v_up: Weight<c, h, v>,
    #[hf("self_attn.o_proj.weight")]
    #[gguf("blk.*.attn_output.weight")]
    out: Weight<h, v, d>,
    keys: Cache<b, t, h, k>,
    rope_keys: Cache<b, t, p>,
    values: Cache<b, t, h, v>,
) -> Act<b, s, d> {
    let low = store(rms_norm::<r>(dot::<d>(x, q_down)) * q_norm);
    let q = dot::<r>(low, q_up);
    let q_rope = rope(dot::<r>(low, q_up_rope));
    let new = store(rms_norm::<c>(dot::<d>(x, kv_down)) * kv_norm);
    let keys = append::<t>(keys, dot::<c>(new, k_up));
    let values = append::<t>(values, dot::<c>(new, v_up));
    let rope_keys = append::<t>(rope_keys, rope(dot::<d>(x, k_rope)));
    let attended = MlaPlainAttention { b, s, t, h, k, v, p }(q, q_rope, keys, rope_keys, values);
    let o = dot::<(h, v)>(attended, out);
    o
}
