//! The two halves of a layer of any encoder, each added to its input.

use cost_macros::cost;

/// A norm that BERT's descendants choose among: root mean square where `rms` is 1, else layer normalisation, with a shift
/// where `shifted` is.
#[cost(part = norm)]
pub fn EncoderNorm<b, s, d, rms, shifted>(x: Act<b, s, d>, weight: Weight<d>, shift: Weight<d>) -> Act<b, s, d> {
    let y = x;
    if rms {
        y = rms_norm::<d>(x) * weight;
    }
    if !rms {
        y = layer_norm::<d>(x) * weight;
    }
    if shifted {
        y = y + shift;
    }
    // Unnamed, so that the kernel goes by what the caller calls it.
    store(y)
}

/// Attention without a mask of `n` key/value heads with `g` queries each.
#[cost]
pub fn GroupedEncoderAttention<b, s, t, n, g, k>(
    q: Act<b, s, n, g, k>,
    keys: Act<b, t, n, k>,
    values: Act<b, t, n, k>,
) -> Act<b, s, n, g, k> {
    let scores: Act<b, s, n, g, t> = scale(dot::<k>(q, keys));
    dot::<t>(softmax::<t>(scores), values)
}

/// [`GroupedEncoderAttention`] to positions less than `w` away (ModernBERT, arXiv:2412.13663).
#[cost(around(s, t, w))]
pub fn LocalEncoderAttention<b, s, t, w, n, g, k>(
    q: Act<b, s, n, g, k>,
    keys: Act<b, t, n, k>,
    values: Act<b, t, n, k>,
) -> Act<b, s, n, g, k> {
    let scores: Act<b, s, n, g, t> = scale(dot::<k>(q, keys));
    dot::<t>(softmax::<t>(scores), values)
}

/// [`GroupedEncoderAttention`] with a learned bias for each head and distance, of `r` that are told apart (T5,
/// arXiv:1910.10683; MPNet, arXiv:2004.09297). The distances are looked up once, from one position to all.
#[cost]
pub fn RelativeEncoderAttention<b, s, t, n, g, k, r>(
    q: Act<b, s, n, g, k>,
    keys: Act<b, t, n, k>,
    values: Act<b, t, n, k>,
    relative: Weight<r, n>,
    places: Ids<t>,
) -> Act<b, s, n, g, k> {
    let scores = scale(dot::<k>(q, keys)) + gather::<r>(relative, places);
    dot::<t>(softmax::<t>(scores), values)
}

/// The first half of a layer: projections around an attention in which no token is hidden from another.
macro_rules! half {
    ($(#[$doc:meta])* $name:ident, [$($axis:ident),*], $core:ident, [$($size:ident),*], ($($given:ident: $kind:ty),*)) => {
        $(#[$doc])*
        ///
        /// `n` key/value heads with `g` queries each, of `k` numbers. Axes that are 0 or 1: `pre_norm` and `post_norm` where
        /// the input and the sum are normalised, as `rms` and `shifted` say; `qkv_bias` and `o_bias` where the projections
        /// have biases, `wide_norm` where queries and keys are normalised over all heads, `rotary` where they are rotated.
        #[cost(part = attention)]
        pub fn $name<
            b, s, $($axis,)* d, n, g, k, pre_norm, post_norm, rms, shifted, qkv_bias, o_bias, wide_norm, rotary,
        >(
            x: Act<b, s, d>,
            $($given: $kind,)*
            #[part(norm)]
            #[hf("attention.output.LayerNorm.weight")]
            #[gguf("blk.*.attn_output_norm.weight")]
            attn_scale: Weight<d>,
            #[part(norm)]
            #[hf("attention.output.LayerNorm.bias")]
            #[gguf("blk.*.attn_output_norm.bias")]
            attn_shift: Weight<d>,
            #[hf("attention.self.query.weight")]
            #[gguf("blk.*.attn_q.weight")]
            wq: Weight<d, n, g, k>,
            #[hf("attention.self.query.bias")]
            #[gguf("blk.*.attn_q.bias")]
            bq: Weight<n, g, k>,
            #[hf("attention.self.key.weight")]
            #[gguf("blk.*.attn_k.weight")]
            wk: Weight<d, n, k>,
            #[hf("attention.self.key.bias")]
            #[gguf("blk.*.attn_k.bias")]
            bk: Weight<n, k>,
            #[hf("attention.self.value.weight")]
            #[gguf("blk.*.attn_v.weight")]
            wv: Weight<d, n, k>,
            #[hf("attention.self.value.bias")]
            #[gguf("blk.*.attn_v.bias")]
            bv: Weight<n, k>,
            #[part(norm)]
            #[hf("attention.self.q_norm.weight")]
            #[gguf("blk.*.attn_q_norm.weight")]
            q_norm: Weight<n, g, k>,
            #[part(norm)]
            #[hf("attention.self.k_norm.weight")]
            #[gguf("blk.*.attn_k_norm.weight")]
            k_norm: Weight<n, k>,
            #[hf("attention.output.dense.weight")]
            #[gguf("blk.*.attn_output.weight")]
            wo: Weight<n, g, k, d>,
            #[hf("attention.output.dense.bias")]
            #[gguf("blk.*.attn_output.bias")]
            bo: Weight<d>,
        ) -> Act<b, s, d> {
            let attn_in = x;
            if pre_norm {
                attn_in = EncoderNorm { .. }(x, attn_scale, attn_shift);
            }
            let q = dot::<d>(attn_in, wq);
            let keys = dot::<d>(attn_in, wk);
            let values = dot::<d>(attn_in, wv);
            if qkv_bias {
                q = q + bq;
                keys = keys + bk;
                values = values + bv;
            }
            if wide_norm {
                q = layer_norm::<(n, g, k)>(q) * q_norm;
                keys = layer_norm::<(n, k)>(keys) * k_norm;
            }
            if rotary {
                q = rope(q);
                keys = rope(keys);
            }
            let attended = $core { b, s, t: s, $($size,)* n, g, k }(q, keys, values $(, $given)*);
            let attn_out = x + dot::<(n, g, k)>(attended, wo);
            if o_bias {
                attn_out = attn_out + bo;
            }
            if post_norm {
                attn_out = EncoderNorm { .. }(attn_out, attn_scale, attn_shift);
            }
            attn_out
        }
    };
}

half! {
    /// Attention of all positions to all.
    EncoderSelfAttention, [], GroupedEncoderAttention, [], ()
}

half! {
    /// Attention to positions less than `w` away.
    LocalSelfAttention, [w], LocalEncoderAttention, [w], ()
}

half! {
    /// Attention with a bias by distance, whose table all layers share.
    RelativeSelfAttention, [r], RelativeEncoderAttention, [r], (relative: Weight<r, n>, places: Ids<s>)
}

/// A feed-forward network of two products with a function between them, weighed by a third product where `gated` is 1.
///
/// The function is `gelu` (by the error function), `gelu_tanh`, `relu` or `silu`; `in_bias` and `out_bias` are 1 where the
/// first and the last product have biases.
#[cost(part = ffn)]
pub fn EncoderMlp<b, s, d, f, gated, in_bias, out_bias, gelu, gelu_tanh, relu, silu>(
    x: Act<b, s, d>,
    #[hf("mlp.gate_proj.weight")]
    #[gguf("blk.*.ffn_gate.weight")]
    gate: Weight<d, f>,
    #[hf("mlp.gate_proj.bias")]
    #[gguf("blk.*.ffn_gate.bias")]
    gate_bias: Weight<f>,
    #[hf("intermediate.dense.weight")]
    #[gguf("blk.*.ffn_up.weight")]
    up: Weight<d, f>,
    #[hf("intermediate.dense.bias")]
    #[gguf("blk.*.ffn_up.bias")]
    up_bias: Weight<f>,
    #[hf("output.dense.weight")]
    #[gguf("blk.*.ffn_down.weight")]
    down: Weight<f, d>,
    #[hf("output.dense.bias")]
    #[gguf("blk.*.ffn_down.bias")]
    down_bias: Weight<d>,
) -> Act<b, s, d> {
    let u = dot::<d>(x, up);
    if in_bias {
        u = u + up_bias;
    }
    let z = u;
    if gated {
        z = dot::<d>(x, gate);
        if in_bias {
            z = z + gate_bias;
        }
    }
    if gelu {
        z = gelu(z);
    }
    if gelu_tanh {
        z = gelu_tanh(z);
    }
    if relu {
        z = relu(z);
    }
    if silu {
        z = silu(z);
    }
    if gated {
        z = z * u;
    }
    let h = store(z);
    let y = dot::<f>(h, down);
    if out_bias {
        y = y + down_bias;
    }
    y
}

/// The second half of a layer: [`EncoderMlp`], its input or the sum normalised as in the first half.
#[cost(part = ffn)]
pub fn EncoderFeedForward<
    b,
    s,
    d,
    f,
    pre_norm,
    post_norm,
    rms,
    shifted,
    gated,
    in_bias,
    out_bias,
    gelu,
    gelu_tanh,
    relu,
    silu,
>(
    x: Act<b, s, d>,
    #[part(norm)]
    #[hf("output.LayerNorm.weight")]
    #[gguf("blk.*.layer_output_norm.weight")]
    scale: Weight<d>,
    #[part(norm)]
    #[hf("output.LayerNorm.bias")]
    #[gguf("blk.*.layer_output_norm.bias")]
    shift: Weight<d>,
) -> Act<b, s, d> {
    let ffn_in = x;
    if pre_norm {
        ffn_in = EncoderNorm { .. }(x, scale, shift);
    }
    let ffn = EncoderMlp { .. }(ffn_in);
    let ffn_out = x + ffn;
    if post_norm {
        ffn_out = EncoderNorm { .. }(ffn_out, scale, shift);
    }
    ffn_out
}

/// What mixes tokens in FNet (arXiv:2105.03824): a Fourier transform over tokens and numbers, added to the input and the sum
/// normalised. The transform has no weights and is no matrix product; its own operations are left out, the result stands for
/// as many numbers that are read and written.
#[cost(part = attention)]
pub fn FourierMixing<b, s, d>(
    x: Act<b, s, d>,
    #[part(norm)]
    #[hf("fourier.output.LayerNorm.weight")]
    scale: Weight<d>,
    #[part(norm)]
    #[hf("fourier.output.LayerNorm.bias")]
    shift: Weight<d>,
) -> Act<b, s, d> {
    let mixed = store(neg(x));
    let mix_sum = x + mixed;
    EncoderNorm { b, s, d, rms: 0, shifted: 1 }(mix_sum, scale, shift)
}
