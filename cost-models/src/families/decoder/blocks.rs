//! The two halves of a layer: attention and a feed-forward network, each on a normalised input and added to it; and layers
//! in which both are of one normalised input.

use cost_macros::cost;

use crate::ops::{AlibiAttention, Attention, ChunkedAttention, GatedMlp, Moe, PartialNorm, RmsNorm, UngatedMlp};

/// Grouped-query attention with its projections, norms and caches, and what comes after it.
macro_rules! self_attention {
    (
        $(#[$doc:meta])* $name:ident, $mask:ident, $core:ident ($($given:ident: $given_ty:ty),*),
        [$($axis:ident),*], [$($(#[$attr:meta])* $weight:ident: $ty:ty,)*], {$($end:tt)*}
    ) => {
        $(#[$doc])*
        ///
        /// `n` key/value heads with `g` queries each, of `k` numbers and `h` for values. Axes that are 0 or 1:
        ///
        /// - `pre_norm` and `post_norm` where the input and the result are normalised, `sum_norm` where the sum of both is;
        ///   `layer_norm` where that is layer normalisation rather than by root mean square, `unscaled` where it has no
        ///   learned scale, `shifted` where it has a shift;
        /// - `qkv_bias` and `o_bias` where the projections have biases, `clipped` where what comes from the first is cut off;
        /// - `head_norm` and `wide_norm` where queries and keys are normalised by head or over all heads, `unit_norm` where
        ///   they are without a learned scale; by head and by layer normalisation `head_affine` with a scale and a shift,
        ///   `each_norm` with a scale for each of the heads;
        /// - `rotary` where queries and keys are rotated; `capped` and `sinks` are those of [`Attention`];
        /// - `gated` where the result is weighed by a gate, a sigmoid; `soft_gated` where that is a softplus, `head_gated`
        ///   and `head_sigmoid` where it is one number for each head, a softplus or a sigmoid;
        /// - `sub_norm` where what goes into the last projection is normalised, `multiplied` where the result is scaled.
        #[cost(part = attention, $mask(s, t, w))]
        pub fn $name<
            b, s, t, w, d, n, g, k, h, pre_norm, post_norm, layer_norm, unscaled, shifted, qkv_bias, o_bias, clipped,
            head_norm, wide_norm, unit_norm, head_affine, each_norm, rotary, gated, soft_gated, head_gated, head_sigmoid, capped,
            sinks, sub_norm, multiplied, $($axis),*
        >(
            x: Act<b, s, d>,
            $($given: $given_ty,)*
            #[part(norm)]
            #[hf("input_layernorm.weight")]
            #[gguf("blk.*.attn_norm.weight")]
            norm: Weight<d>,
            #[part(norm)]
            #[hf("input_layernorm.bias")]
            #[gguf("blk.*.attn_norm.bias")]
            norm_shift: Weight<d>,
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
            #[hf("self_attn.q_norm.bias")]
            #[gguf("blk.*.attn_q_norm.bias")]
            q_norm_shift: Weight<k>,
            #[part(norm)]
            #[hf("self_attn.k_norm.weight")]
            #[gguf("blk.*.attn_k_norm.weight")]
            k_norm: Weight<k>,
            #[part(norm)]
            #[hf("self_attn.k_norm.bias")]
            #[gguf("blk.*.attn_k_norm.bias")]
            k_norm_shift: Weight<k>,
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
            #[hf("self_attn.g_proj.weight")]
            #[gguf("blk.*.attn_gate.weight")]
            head_gate: Weight<d, n, g>,
            #[part(norm)]
            #[hf("self_attn.attn_sub_norm.weight")]
            #[gguf("blk.*.attn_sub_norm.weight")]
            inner_norm: Weight<n, g, h>,
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
            $($(#[$attr])* $weight: $ty,)*
            keys: Cache<b, t, n, k>,
            values: Cache<b, t, n, h>,
        ) -> Act<b, s, d> {
            let attn_in = x;
            if pre_norm {
                if layer_norm {
                    attn_in = PartialNorm { b, s, d, unscaled, shifted }(x, norm, norm_shift);
                } else {
                    if unscaled {
                        attn_in = store(rms_norm::<d>(x));
                    } else {
                        attn_in = RmsNorm { b, s, d }(x, norm);
                    }
                }
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
            if head_affine {
                q = layer_norm::<k>(q) * q_norm + q_norm_shift;
                new_keys = layer_norm::<k>(new_keys) * k_norm + k_norm_shift;
            }
            if each_norm {
                q = layer_norm::<k>(q) * q_wide_norm;
                new_keys = layer_norm::<k>(new_keys) * k_wide_norm;
            }
            if clipped {
                q = clamp(q);
                new_keys = clamp(new_keys);
                new_values = clamp(new_values);
            }
            if rotary {
                q = rope(q);
                new_keys = rope(new_keys);
            }
            let keys = append::<t>(keys, new_keys);
            let values = append::<t>(values, new_values);
            let attended = $core { b, s, t, w, n, g, k, h, capped, sinks }(q, $($given,)* keys, values);
            if gated {
                attended = attended * sigmoid(dot::<d>(attn_in, gate));
            }
            if soft_gated {
                attended = attended * softplus(dot::<d>(attn_in, gate));
            }
            if head_gated {
                attended = attended * softplus(dot::<d>(attn_in, head_gate));
            }
            if head_sigmoid {
                attended = attended * sigmoid(dot::<d>(attn_in, head_gate));
            }
            if sub_norm {
                attended = rms_norm::<(n, g, h)>(attended) * inner_norm;
            }
            let o = dot::<(n, g, h)>(attended, wo);
            if o_bias {
                o = o + bo;
            }
            if post_norm {
                o = rms_norm::<d>(o) * result_norm;
            }
            if multiplied {
                o = scale(o);
            }
            $($end)*
        }
    };
}

/// Attention that is the first half of a layer.
macro_rules! half {
    ($(#[$doc:meta])* $name:ident, $mask:ident, $core:ident) => {
        self_attention! {
            $(#[$doc])* $name, $mask, $core(), [sum_norm], [], {
                let attn_out = x + o;
                if sum_norm {
                    attn_out = PartialNorm { b, s, d, unscaled, shifted }(attn_out, norm, norm_shift);
                }
                attn_out
            }
        }
    };
}

half! {
    /// Attention over a window of `w` tokens (`w > t` for all).
    SelfAttention, window, Attention
}

half! {
    /// Attention within chunks of `w` tokens.
    ChunkedSelfAttention, chunked, ChunkedAttention
}

/// Attention and beside it a feed-forward network: a whole layer.
macro_rules! whole_layer {
    ($(#[$doc:meta])* $name:ident, $core:ident ($($given:ident: $given_ty:ty),*)) => {
        self_attention! {
            $(#[$doc])*
            ///
            /// Where `sequential` is 1, the network comes after attention as elsewhere; where `own_norm` is, its input is
            /// normalised by a layer normalisation of its own (GPT-NeoX, arXiv:2204.06745). The network is [`GatedMlp`], [`UngatedMlp`] where `ungated` is 1, or where
            /// `mixed` is a mixture, [`Moe`], whose axes these are.
            $name, window, $core($($given: $given_ty),*),
            [
                f, e, top, m, z, sequential, own_norm, mlp_bias, gelu, ungated, gelu_erf, relu, relu2, silu, mixed,
                sigmoid_router, shared, averaged
            ],
            [
                #[part(norm)]
                #[hf("post_attention_layernorm.weight")]
                #[gguf("blk.*.ffn_norm.weight")]
                ffn_norm: Weight<d>,
                #[part(norm)]
                #[hf("post_attention_layernorm.bias")]
                #[gguf("blk.*.ffn_norm.bias")]
                ffn_norm_shift: Weight<d>,
            ],
            {
                let attn_out = x + o;
                let ffn_in = attn_in;
                if own_norm {
                    ffn_in = PartialNorm { b, s, d, unscaled, shifted }(x, ffn_norm, ffn_norm_shift);
                }
                if sequential {
                    ffn_in = attn_out;
                    if pre_norm {
                        if layer_norm {
                            ffn_in = PartialNorm { b, s, d, unscaled, shifted }(attn_out, ffn_norm, ffn_norm_shift);
                        } else {
                            if unscaled {
                                ffn_in = store(rms_norm::<d>(attn_out));
                            } else {
                                ffn_in = RmsNorm { b, s, d }(attn_out, ffn_norm);
                            }
                        }
                    }
                }
                let ffn = attn_out;
                if mixed {
                    ffn = Moe {
                        b, s, d, e, top, f: m, z, sigmoid_router, router_bias: 0, router_capped: 0, correction: 0,
                        counted_correction: 0, shared, shared_gate: 0, averaged, bias: 0, gelu, relu2, limited: 0,
                    }(ffn_in);
                } else {
                    if ungated {
                        ffn = UngatedMlp { b, s, d, f, bias: mlp_bias, gelu, gelu_erf, relu, relu2, silu, xielu: 0 }(ffn_in);
                    } else {
                        ffn = GatedMlp { b, s, d, f, bias: mlp_bias, gelu, relu2, limited: 0, sub_norm: 0 }(ffn_in);
                    }
                }
                let y = attn_out + ffn;
                y
            }
        }
    };
}

whole_layer! {
    /// A whole layer: [`SelfAttention`] and beside it a feed-forward network of the same normalised input, both added to the
    /// layer's input (GPT-J; arXiv:2204.02311).
    ParallelLayer, Attention()
}

whole_layer! {
    /// [`ParallelLayer`] whose scores are lowered with distance by [`AlibiAttention`] (BLOOM, arXiv:2211.05100).
    AlibiLayer, AlibiAttention(slopes: Act<n, g>, positions: Act<t>)
}

/// A feed-forward network, gated unless `ungated` is 1.
///
/// `pre_norm`, `post_norm`, `sum_norm`, `layer_norm`, `unscaled`, `shifted` and `multiplied` are as those of
/// [`SelfAttention`], the other conditions those of [`GatedMlp`] and [`UngatedMlp`].
#[cost(part = ffn)]
pub fn FeedForward<
    b,
    s,
    d,
    f,
    pre_norm,
    post_norm,
    sum_norm,
    layer_norm,
    unscaled,
    shifted,
    mlp_bias,
    ungated,
    gelu,
    gelu_erf,
    relu,
    relu2,
    silu,
    xielu,
    sub_norm,
    multiplied,
>(
    x: Act<b, s, d>,
    #[part(norm)]
    #[hf("post_attention_layernorm.weight")]
    #[gguf("blk.*.ffn_norm.weight")]
    norm: Weight<d>,
    #[part(norm)]
    #[hf("post_attention_layernorm.bias")]
    #[gguf("blk.*.ffn_norm.bias")]
    norm_shift: Weight<d>,
    #[part(norm)]
    #[hf("post_feedforward_layernorm.weight")]
    #[gguf("blk.*.post_ffw_norm.weight")]
    result_norm: Weight<d>,
) -> Act<b, s, d> {
    let ffn_in = x;
    if pre_norm {
        if layer_norm {
            ffn_in = PartialNorm { b, s, d, unscaled, shifted }(x, norm, norm_shift);
        } else {
            if unscaled {
                ffn_in = store(rms_norm::<d>(x));
            } else {
                ffn_in = RmsNorm { b, s, d }(x, norm);
            }
        }
    }
    let ffn = x;
    if ungated {
        ffn = UngatedMlp { b, s, d, f, bias: mlp_bias, gelu, gelu_erf, relu, relu2, silu, xielu }(ffn_in);
    } else {
        ffn = GatedMlp { b, s, d, f, bias: mlp_bias, gelu, relu2, limited: 0, sub_norm }(ffn_in);
    }
    if post_norm {
        ffn = rms_norm::<d>(ffn) * result_norm;
    }
    if multiplied {
        ffn = scale(ffn);
    }
    let ffn_out = x + ffn;
    if sum_norm {
        ffn_out = PartialNorm { b, s, d, unscaled, shifted }(ffn_out, norm, norm_shift);
    }
    ffn_out
}

/// A mixture of experts; the norms are those of [`FeedForward`], the other conditions those of [`Moe`], but for
/// `result_bias`, which is 1 where the result has a bias.
#[cost(part = ffn)]
pub fn MoeFeedForward<
    b,
    s,
    d,
    e,
    top,
    m,
    z,
    pre_norm,
    post_norm,
    layer_norm,
    unscaled,
    shifted,
    sigmoid_router,
    router_bias,
    router_capped,
    correction,
    counted_correction,
    shared,
    shared_gate,
    averaged,
    expert_bias,
    limited,
    multiplied,
    result_bias,
>(
    x: Act<b, s, d>,
    #[part(norm)]
    #[hf("post_attention_layernorm.weight")]
    #[gguf("blk.*.ffn_norm.weight")]
    norm: Weight<d>,
    #[part(norm)]
    #[hf("post_attention_layernorm.bias")]
    #[gguf("blk.*.ffn_norm.bias")]
    norm_shift: Weight<d>,
    #[part(norm)]
    #[hf("post_feedforward_layernorm.weight")]
    #[gguf("blk.*.post_ffw_norm.weight")]
    result_norm: Weight<d>,
    #[hf("mlp.bias")] bias: Weight<d>,
) -> Act<b, s, d> {
    let ffn_in = x;
    if pre_norm {
        if layer_norm {
            ffn_in = PartialNorm { b, s, d, unscaled, shifted }(x, norm, norm_shift);
        } else {
            if unscaled {
                ffn_in = store(rms_norm::<d>(x));
            } else {
                ffn_in = RmsNorm { b, s, d }(x, norm);
            }
        }
    }
    let ffn = Moe { f: m, bias: expert_bias, gelu: 0, relu2: 0, .. }(ffn_in);
    if result_bias {
        ffn = ffn + bias;
    }
    if post_norm {
        ffn = rms_norm::<d>(ffn) * result_norm;
    }
    if multiplied {
        ffn = scale(ffn);
    }
    let ffn_out = x + ffn;
    ffn_out
}
