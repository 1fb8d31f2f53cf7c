//! The two halves of a layer: attention and a feed-forward network, each on a normalised input and added to it.

use cost_macros::cost;

use crate::ops::{Attention, ChunkedAttention, GatedMlp, Moe, RmsNorm};

/// Grouped-query attention with its projections, norms and caches.
macro_rules! self_attention {
    ($(#[$doc:meta])* $name:ident, $mask:ident, $core:ident) => {
        $(#[$doc])*
        ///
        /// `n` key/value heads with `g` queries each, of `k` numbers and `h` for values. Axes that are 0 or 1:
        /// `pre_norm` and `post_norm` where the input and the result are normalised, `qkv_bias` and `o_bias` where the
        /// projections have biases, `head_norm` and `wide_norm` where queries and keys are normalised by head or over
        /// all heads, `unit_norm` where they are without a learned scale, `rotary` where they are rotated, `gated` where the result is weighed by a gate;
        /// `capped` and `sinks` are those of [`Attention`].
        #[cost(part = attention, $mask(s, t, w))]
        pub fn $name<
            b, s, t, w, d, n, g, k, h, pre_norm, post_norm, qkv_bias, o_bias, head_norm, wide_norm, unit_norm, rotary,
            gated, capped, sinks,
        >(
            x: Act<b, s, d>,
            #[part(norm)]
            #[hf("input_layernorm.weight")]
            #[gguf("blk.*.attn_norm.weight")]
            norm: Weight<d>,
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
            wv: Weight<d, n, h>,
            #[hf("self_attn.v_proj.bias")]
            #[gguf("blk.*.attn_v.bias")]
            bv: Weight<n, h>,
            #[part(norm)]
            #[hf("self_attn.q_norm.weight")]
            #[gguf("blk.*.attn_q_norm.weight")]
            q_norm: Weight<k>,
            #[part(norm)]
            #[hf("self_attn.k_norm.weight")]
            #[gguf("blk.*.attn_k_norm.weight")]
            k_norm: Weight<k>,
            #[part(norm)]
            #[hf("self_attn.q_norm.weight")]
            #[gguf("blk.*.attn_q_norm.weight")]
            q_wide_norm: Weight<n, g, k>,
            #[part(norm)]
            #[hf("self_attn.k_norm.weight")]
            #[gguf("blk.*.attn_k_norm.weight")]
            k_wide_norm: Weight<n, k>,
            #[hf("self_attn.q_proj.weight")]
            #[gguf("blk.*.attn_q.weight")]
            gate: Weight<d, n, g, h>,
            #[hf("self_attn.o_proj.weight")]
            #[gguf("blk.*.attn_output.weight")]
            wo: Weight<n, g, h, d>,
            #[hf("self_attn.o_proj.bias")]
            #[gguf("blk.*.attn_output.bias")]
            bo: Weight<d>,
            #[part(norm)]
            #[hf("post_attention_layernorm.weight")]
            #[gguf("blk.*.post_attention_norm.weight")]
            result_norm: Weight<d>,
            keys: Cache<b, t, n, k>,
            values: Cache<b, t, n, h>,
        ) -> Act<b, s, d> {
            let attn_in = x;
            if pre_norm {
                attn_in = RmsNorm { b, s, d }(x, norm);
            }
            let q = dot::<d>(attn_in, wq);
            let new_keys = dot::<d>(attn_in, wk);
            let new_values = dot::<d>(attn_in, wv);
            if qkv_bias {
                q = q + bq;
                new_keys = new_keys + bk;
                new_values = new_values + bv;
            }
            if head_norm {
                q = rms_norm::<k>(q) * q_norm;
                new_keys = rms_norm::<k>(new_keys) * k_norm;
            }
            if wide_norm {
                q = rms_norm::<(n, g, k)>(q) * q_wide_norm;
                new_keys = rms_norm::<(n, k)>(new_keys) * k_wide_norm;
            }
            if unit_norm {
                q = rms_norm::<k>(q);
                new_keys = rms_norm::<k>(new_keys);
            }
            if rotary {
                q = rope(q);
                new_keys = rope(new_keys);
            }
            let keys = append::<t>(keys, new_keys);
            let values = append::<t>(values, new_values);
            let attended = $core { b, s, t, w, n, g, k, h, capped, sinks }(q, keys, values);
            if gated {
                attended = attended * sigmoid(dot::<d>(attn_in, gate));
            }
            let o = dot::<(n, g, h)>(attended, wo);
            if o_bias {
                o = o + bo;
            }
            if post_norm {
                o = rms_norm::<d>(o) * result_norm;
            }
            let attn_out = x + o;
            attn_out
        }
    };
}

self_attention! {
    /// Attention over a window of `w` tokens (`w > t` for all).
    SelfAttention, window, Attention
}

self_attention! {
    /// Attention within chunks of `w` tokens.
    ChunkedSelfAttention, chunked, ChunkedAttention
}

/// A gated feed-forward network; `pre_norm` and `post_norm` are 1 where its input and its result are normalised, the
/// other conditions those of [`GatedMlp`].
#[cost(part = ffn)]
pub fn FeedForward<b, s, d, f, pre_norm, post_norm, mlp_bias, gelu>(
    x: Act<b, s, d>,
    #[part(norm)]
    #[hf("post_attention_layernorm.weight")]
    #[gguf("blk.*.ffn_norm.weight")]
    norm: Weight<d>,
    #[part(norm)]
    #[hf("post_feedforward_layernorm.weight")]
    #[gguf("blk.*.post_ffw_norm.weight")]
    result_norm: Weight<d>,
) -> Act<b, s, d> {
    let ffn_in = x;
    if pre_norm {
        ffn_in = RmsNorm { b, s, d }(x, norm);
    }
    let ffn = GatedMlp { b, s, d, f, bias: mlp_bias, gelu, limited: 0 }(ffn_in);
    if post_norm {
        ffn = rms_norm::<d>(ffn) * result_norm;
    }
    let ffn_out = x + ffn;
    ffn_out
}

/// A mixture of experts on a normalised input; the conditions are those of [`Moe`].
#[cost(part = ffn)]
pub fn MoeFeedForward<
    b,
    s,
    d,
    e,
    top,
    m,
    z,
    sigmoid_router,
    router_bias,
    correction,
    shared,
    shared_gate,
    expert_bias,
    limited,
>(
    x: Act<b, s, d>,
    #[part(norm)]
    #[hf("post_attention_layernorm.weight")]
    #[gguf("blk.*.ffn_norm.weight")]
    norm: Weight<d>,
) -> Act<b, s, d> {
    let ffn_in = RmsNorm { b, s, d }(x, norm);
    let ffn = Moe { f: m, bias: expert_bias, gelu: 0, .. }(ffn_in);
    let ffn_out = x + ffn;
    ffn_out
}
