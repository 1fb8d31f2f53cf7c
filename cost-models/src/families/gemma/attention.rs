//! Attention whose keys and values later layers use too.

use cost_macros::cost;

use crate::ops::{Attention, RmsNorm};

/// Attention of an input that is normalised already, without what is added to it: queries, keys and values normalised by head,
/// values without a scale. It hands on the keys and values that it keeps.
///
/// `n` key/value heads with `g` queries each, of `k` numbers, over a window of `w` tokens. Axes that are 0 or 1: `bias` where
/// all projections have biases, `one_for_both` where values are the keys' projection.
#[cost(part = attention, window(s, t, w))]
pub fn KeepingAttention<b, s, t, w, d, n, g, k, bias, one_for_both>(
    x: Act<b, s, d>,
    #[hf("self_attn.q_proj.weight")]
    #[gguf("blk.*.attn_q.weight")]
    wq: Weight<d, n, g, k>,
    #[hf("self_attn.q_proj.bias")]
    #[gguf("blk.*.attn_q.bias")]
    bq: Weight<n, g, k>,
    #[hf("self_attn.k_proj.weight")]
    #[gguf("blk.*.attn_k.weight")]
    wk: Weight<d, n, k>,
    #[hf("self_attn.k_proj.bias")]
    #[gguf("blk.*.attn_k.bias")]
    bk: Weight<n, k>,
    #[hf("self_attn.v_proj.weight")]
    #[gguf("blk.*.attn_v.weight")]
    wv: Weight<d, n, k>,
    #[hf("self_attn.v_proj.bias")]
    #[gguf("blk.*.attn_v.bias")]
    bv: Weight<n, k>,
    #[part(norm)]
    #[hf("self_attn.q_norm.weight")]
    #[gguf("blk.*.attn_q_norm.weight")]
    q_norm: Weight<k>,
    #[part(norm)]
    #[hf("self_attn.k_norm.weight")]
    #[gguf("blk.*.attn_k_norm.weight")]
    k_norm: Weight<k>,
    #[hf("self_attn.o_proj.weight")]
    #[gguf("blk.*.attn_output.weight")]
    wo: Weight<n, g, k, d>,
    #[hf("self_attn.o_proj.bias")]
    #[gguf("blk.*.attn_output.bias")]
    bo: Weight<d>,
    keys: Cache<b, t, n, k>,
    values: Cache<b, t, n, k>,
) -> (Act<b, s, d>, Cache<b, t, n, k>, Cache<b, t, n, k>) {
    let q = dot::<d>(x, wq);
    let new_keys = dot::<d>(x, wk);
    if bias {
        q = q + bq;
        new_keys = new_keys + bk;
    }
    let new_values = new_keys;
    if !one_for_both {
        new_values = dot::<d>(x, wv);
        if bias {
            new_values = new_values + bv;
        }
    }
    let q = rope(rms_norm::<k>(q) * q_norm);
    let keys = append::<t>(keys, rope(rms_norm::<k>(new_keys) * k_norm));
    let values = append::<t>(values, rms_norm::<k>(new_values));
    let attended = Attention { b, s, t, w, n, g, k, h: k, capped: 0, sinks: 0 }(q, keys, values);
    let o = dot::<(n, g, k)>(attended, wo);
    if bias {
        o = o + bo;
    }
    (o, keys, values)
}

/// Attention to keys and values that an earlier layer keeps, of an input that is normalised already, without what is added to
/// it.
#[cost(part = attention, window(s, t, w))]
pub fn SharingAttention<b, s, t, w, d, n, g, k, bias>(
    x: Act<b, s, d>,
    keys: Cache<b, t, n, k>,
    values: Cache<b, t, n, k>,
    #[hf("self_attn.q_proj.weight")]
    #[gguf("blk.*.attn_q.weight")]
    wq: Weight<d, n, g, k>,
    #[hf("self_attn.q_proj.bias")]
    #[gguf("blk.*.attn_q.bias")]
    bq: Weight<n, g, k>,
    #[part(norm)]
    #[hf("self_attn.q_norm.weight")]
    #[gguf("blk.*.attn_q_norm.weight")]
    q_norm: Weight<k>,
    #[hf("self_attn.o_proj.weight")]
    #[gguf("blk.*.attn_output.weight")]
    wo: Weight<n, g, k, d>,
    #[hf("self_attn.o_proj.bias")]
    #[gguf("blk.*.attn_output.bias")]
    bo: Weight<d>,
) -> Act<b, s, d> {
    let q = dot::<d>(x, wq);
    if bias {
        q = q + bq;
    }
    let q = rope(rms_norm::<k>(q) * q_norm);
    let attended = Attention { b, s, t, w, n, g, k, h: k, capped: 0, sinks: 0 }(q, keys, values);
    let o = dot::<(n, g, k)>(attended, wo);
    if bias {
        o = o + bo;
    }
    o
}

/// The first half of a layer around [`KeepingAttention`]: input and result normalised, added to the input.
#[cost(part = attention, window(s, t, w))]
pub fn KeepingMixer<b, s, t, w, d, n, g, k, bias, one_for_both>(
    x: Act<b, s, d>,
    #[part(norm)]
    #[hf("input_layernorm.weight")]
    #[gguf("blk.*.attn_norm.weight")]
    norm: Weight<d>,
    #[part(norm)]
    #[hf("post_attention_layernorm.weight")]
    #[gguf("blk.*.post_attention_norm.weight")]
    result_norm: Weight<d>,
) -> (Act<b, s, d>, Cache<b, t, n, k>, Cache<b, t, n, k>) {
    let attn_in = RmsNorm { b, s, d }(x, norm);
    let (o, keys, values) = KeepingAttention { .. }(attn_in);
    let attn_out = x + rms_norm::<d>(o) * result_norm;
    (attn_out, keys, values)
}

/// The first half of a layer around [`SharingAttention`], as [`KeepingMixer`].
#[cost(part = attention, window(s, t, w))]
pub fn SharingMixer<b, s, t, w, d, n, g, k, bias>(
    x: Act<b, s, d>,
    keys: Cache<b, t, n, k>,
    values: Cache<b, t, n, k>,
    #[part(norm)]
    #[hf("input_layernorm.weight")]
    #[gguf("blk.*.attn_norm.weight")]
    norm: Weight<d>,
    #[part(norm)]
    #[hf("post_attention_layernorm.weight")]
    #[gguf("blk.*.post_attention_norm.weight")]
    result_norm: Weight<d>,
) -> Act<b, s, d> {
    let attn_in = RmsNorm { b, s, d }(x, norm);
    let o = SharingAttention { .. }(attn_in, keys, values);
    let attn_out = x + rms_norm::<d>(o) * result_norm;
    attn_out
}
