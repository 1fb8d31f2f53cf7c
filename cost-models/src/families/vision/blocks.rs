//! The two halves of a tower's layer, each of its normalised input and added to it.

use cost_macros::cost;

use crate::families::encoder::{EncoderNorm, GroupedEncoderAttention};

/// Attention without a mask but that each query sees the keys of its own part of `w` positions (Swin, arXiv:2103.14030).
#[cost(within(s, t, w))]
pub fn WindowAttention<b, s, t, w, n, g, k>(
    q: Act<b, s, n, g, k>,
    keys: Act<b, t, n, k>,
    values: Act<b, t, n, k>,
) -> Act<b, s, n, g, k> {
    let scores: Act<b, s, n, g, t> = scale(dot::<k>(q, keys));
    dot::<t>(softmax::<t>(scores), values)
}

/// The first half of a layer: projections around an attention.
macro_rules! half {
    ($(#[$doc:meta])* $name:ident, $core:ident, [$($size:ident),*]) => {
        $(#[$doc])*
        ///
        /// Axes that are 0 or 1: `rms` and `shifted` say what the norm is; `qkv_bias` and `o_bias` where the projections have
        /// biases, that of the keys where `k_bias` is 1; `wide_norm` where queries and keys are normalised over all
        /// heads, by root mean square; `rotary` where they are rotated; `layer_scale` where the result is weighed by channel
        /// (CaiT, arXiv:2103.17239).
        #[cost(part = attention)]
        pub fn $name<
            b, s, $($size,)* d, n, k, rms, shifted, qkv_bias, k_bias, o_bias, wide_norm, rotary, layer_scale,
        >(
            x: Act<b, s, d>,
            #[part(norm)]
            #[hf("layer_norm1.weight")]
            norm: Weight<d>,
            #[part(norm)]
            #[hf("layer_norm1.bias")]
            norm_shift: Weight<d>,
            #[hf("self_attn.q_proj.weight")] wq: Weight<d, n, k>,
            #[hf("self_attn.q_proj.bias")] bq: Weight<n, k>,
            #[hf("self_attn.k_proj.weight")] wk: Weight<d, n, k>,
            #[hf("self_attn.k_proj.bias")] bk: Weight<n, k>,
            #[hf("self_attn.v_proj.weight")] wv: Weight<d, n, k>,
            #[hf("self_attn.v_proj.bias")] bv: Weight<n, k>,
            #[part(norm)]
            #[hf("self_attn.q_norm.weight")]
            q_norm: Weight<n, k>,
            #[part(norm)]
            #[hf("self_attn.k_norm.weight")]
            k_norm: Weight<n, k>,
            #[hf("self_attn.out_proj.weight")] wo: Weight<n, k, d>,
            #[hf("self_attn.out_proj.bias")] bo: Weight<d>,
            #[hf("layer_scale1")] by_channel: Weight<d>,
        ) -> Act<b, s, d> {
            let attn_in = EncoderNorm { b, s, d, rms, shifted }(x, norm, norm_shift);
            let q = dot::<d>(attn_in, wq);
            let keys = dot::<d>(attn_in, wk);
            let values = dot::<d>(attn_in, wv);
            if qkv_bias {
                q = q + bq;
            }
            if k_bias {
                keys = keys + bk;
            }
            if qkv_bias {
                values = values + bv;
            }
            if wide_norm {
                q = rms_norm::<(n, k)>(q) * q_norm;
                keys = rms_norm::<(n, k)>(keys) * k_norm;
            }
            if rotary {
                q = rope(q);
                keys = rope(keys);
            }
            let attended = $core { b, s, t: s, $($size,)* n, g: 1, k }(q, keys, values);
            let o = dot::<(n, k)>(attended, wo);
            if o_bias {
                o = o + bo;
            }
            if layer_scale {
                o = o * by_channel;
            }
            let attn_out = x + o;
            attn_out
        }
    };
}

half! {
    /// Attention of all positions to all, in `n` heads of `k` numbers.
    VisionSelfAttention, GroupedEncoderAttention, []
}

half! {
    /// [`VisionSelfAttention`] within parts of `w` positions: windows of an image whose sides are multiples of theirs.
    WindowSelfAttention, WindowAttention, [w]
}

/// The second half: a network of two products with a function between them, weighed by a third product where `gated` is 1.
///
/// The function is `gelu` (by the error function), `gelu_tanh`, `gelu_quick` (by a sigmoid), `relu` or `silu`; `in_bias`,
/// `gate_bias` and `out_bias` are 1 where the first, the third and the last product have biases. `rms`, `shifted` and `layer_scale` are as in
/// [`VisionSelfAttention`].
#[cost(part = ffn)]
pub fn VisionFeedForward<
    b,
    s,
    d,
    f,
    rms,
    shifted,
    gated,
    gate_bias,
    in_bias,
    out_bias,
    gelu,
    gelu_tanh,
    gelu_quick,
    relu,
    silu,
    layer_scale,
>(
    x: Act<b, s, d>,
    #[part(norm)]
    #[hf("layer_norm2.weight")]
    norm: Weight<d>,
    #[part(norm)]
    #[hf("layer_norm2.bias")]
    norm_shift: Weight<d>,
    #[hf("mlp.gate_proj.weight")] gate: Weight<d, f>,
    #[hf("mlp.gate_proj.bias")] gate_shift: Weight<f>,
    #[hf("mlp.fc1.weight")] up: Weight<d, f>,
    #[hf("mlp.fc1.bias")] up_bias: Weight<f>,
    #[hf("mlp.fc2.weight")] down: Weight<f, d>,
    #[hf("mlp.fc2.bias")] down_bias: Weight<d>,
    #[hf("layer_scale2")] by_channel: Weight<d>,
) -> Act<b, s, d> {
    let ffn_in = EncoderNorm { b, s, d, rms, shifted }(x, norm, norm_shift);
    let u = dot::<d>(ffn_in, up);
    if in_bias {
        u = u + up_bias;
    }
    let z = u;
    if gated {
        z = dot::<d>(ffn_in, gate);
    }
    if gate_bias {
        z = z + gate_shift;
    }
    if gelu {
        z = gelu(z);
    }
    if gelu_tanh {
        z = gelu_tanh(z);
    }
    if gelu_quick {
        z = z * sigmoid(scale(z));
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
    if layer_scale {
        y = y * by_channel;
    }
    let ffn_out = x + y;
    ffn_out
}
