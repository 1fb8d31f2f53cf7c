//! From what a tower gives to tokens of a language model: `s` of them, of `r` patches each, in `c` numbers.

use cost_macros::cost;

use crate::families::encoder::EncoderNorm;

/// Two products with a function between them, of width `h`, for `r` patches of width `d` put together (LLaVA,
/// arXiv:2304.08485; InternVL, arXiv:2404.16821; Qwen2-VL, arXiv:2409.12191).
///
/// Axes that are 0 or 1: `each_norm` and `joined_norm` where the patches are normalised one by one or put together, the first by
/// root mean square where `rms` is 1; `bias` where the products have biases; one of `gelu`, `gelu_tanh`, `relu` and `silu`.
#[cost(m = s * r)]
pub fn MlpProjector<b, s, r, m, d, h, c, each_norm, joined_norm, rms, bias, gelu, gelu_tanh, relu, silu>(
    x: Act<b, m, d>,
    #[part(norm)]
    #[hf("multi_modal_projector.norm.weight")]
    each_scale: Weight<d>,
    #[part(norm)]
    #[hf("multi_modal_projector.norm.bias")]
    each_shift: Weight<d>,
    #[part(norm)]
    #[hf("multi_modal_projector.layer_norm.weight")]
    joined_scale: Weight<r, d>,
    #[part(norm)]
    #[hf("multi_modal_projector.layer_norm.bias")]
    joined_shift: Weight<r, d>,
    #[hf("multi_modal_projector.linear_1.weight")] first: Weight<r, d, h>,
    #[hf("multi_modal_projector.linear_1.bias")] first_bias: Weight<h>,
    #[hf("multi_modal_projector.linear_2.weight")] second: Weight<h, c>,
    #[hf("multi_modal_projector.linear_2.bias")] second_bias: Weight<c>,
) -> Act<b, s, c> {
    let each = x;
    if each_norm {
        if rms {
            each = EncoderNorm { b, s: m, d, rms: 1, shifted: 0 }(x, each_scale, each_shift);
        } else {
            each = EncoderNorm { b, s: m, d, rms: 0, shifted: 1 }(x, each_scale, each_shift);
        }
    }
    let joined = split::<m, (s, r)>(each);
    if joined_norm {
        joined = store(layer_norm::<(r, d)>(joined) * joined_scale + joined_shift);
    }
    let z = dot::<(r, d)>(joined, first);
    if bias {
        z = z + first_bias;
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
    let hidden = store(z);
    let y = dot::<h>(hidden, second);
    if bias {
        y = y + second_bias;
    }
    y
}

/// [`MlpProjector`], and as many more as there are `levels`, of what layers in between give, normalised when put together
/// (DeepStack, arXiv:2406.04334; Qwen3-VL, arXiv:2511.21631).
#[cost(m = s * r)]
pub fn DeepProjector<b, s, r, m, d, h, c, levels>(x: Act<b, m, d>) -> Act<b, s, c> {
    let merged = MlpProjector {
        b,
        s,
        r,
        d,
        h,
        c,
        each_norm: 1,
        joined_norm: 0,
        rms: 0,
        bias: 1,
        gelu: 1,
        gelu_tanh: 0,
        relu: 0,
        silu: 0,
    }(x);
    let y = merged;
    for _ in 0..levels {
        let deep = MlpProjector {
            b,
            s,
            r,
            d,
            h,
            c,
            each_norm: 0,
            joined_norm: 1,
            rms: 0,
            bias: 1,
            gelu: 1,
            gelu_tanh: 0,
            relu: 0,
            silu: 0,
        }(x);
        // Each is added in a layer of its own: as often as there are layers that give one.
        y = y + deep;
    }
    y
}

/// [`MlpProjector`] of single patches, and a learned row that stands where a row of patches ends (LLaVA-NeXT,
/// <https://llava-vl.github.io/blog/2024-01-30-llava-next>), one of them for an image.
#[cost(m = s * r)]
pub fn NewlineProjector<b, s, r, m, d, h, c, q, bias, gelu, gelu_tanh, relu, silu>(
    x: Act<b, m, d>,
    ends: Ids<b>,
    #[hf("image_newline")] newline: Weight<q, c>,
) -> Act<b, s, c> {
    let _ended = store(gather::<q>(newline, ends));
    MlpProjector { b, s, r, d, h, c, each_norm: 0, joined_norm: 0, rms: 0, bias, gelu, gelu_tanh, relu, silu }(x)
}

/// A gated network of width `h` for `r` patches of width `d` put together, normalised where `joined_norm` is 1 (Aya Vision,
/// arXiv:2505.08751).
#[cost(m = s * r)]
pub fn GatedProjector<b, s, r, m, d, h, c, joined_norm>(
    x: Act<b, m, d>,
    #[part(norm)]
    #[hf("multi_modal_projector.layernorm.weight")]
    joined_scale: Weight<r, d>,
    #[part(norm)]
    #[hf("multi_modal_projector.layernorm.bias")]
    joined_shift: Weight<r, d>,
    #[hf("multi_modal_projector.linear_1.weight")] up: Weight<r, d, h>,
    #[hf("multi_modal_projector.linear_1.bias")] up_bias: Weight<h>,
    #[hf("multi_modal_projector.linear_1.weight")] gate: Weight<r, d, h>,
    #[hf("multi_modal_projector.linear_1.bias")] gate_bias: Weight<h>,
    #[hf("multi_modal_projector.linear_2.weight")] second: Weight<h, c>,
    #[hf("multi_modal_projector.linear_2.bias")] second_bias: Weight<c>,
) -> Act<b, s, c> {
    let joined = split::<m, (s, r)>(x);
    if joined_norm {
        joined = store(layer_norm::<(r, d)>(joined) * joined_scale + joined_shift);
    }
    let u = dot::<(r, d)>(joined, up) + up_bias;
    let hidden = store(silu(dot::<(r, d)>(joined, gate) + gate_bias) * u);
    let y = dot::<h>(hidden, second) + second_bias;
    y
}

/// One product, for `r` patches of width `d` put together (Idefics 3, arXiv:2408.12637; PaliGemma, arXiv:2407.07726).
#[cost(m = s * r)]
pub fn LinearProjector<b, s, r, m, d, c, bias>(
    x: Act<b, m, d>,
    #[hf("multi_modal_projector.linear.weight")] weight: Weight<r, d, c>,
    #[hf("multi_modal_projector.linear.bias")] shift: Weight<c>,
) -> Act<b, s, c> {
    let y = dot::<(r, d)>(split::<m, (s, r)>(x), weight);
    if bias {
        y = y + shift;
    }
    y
}

/// The mean of `r` patches, normalised, and one product (Gemma 3, arXiv:2503.19786).
#[cost(m = s * r)]
pub fn PoolingProjector<b, s, r, m, d, c>(
    x: Act<b, m, d>,
    #[part(norm)]
    #[hf("multi_modal_projector.mm_soft_emb_norm.weight")]
    scale: Weight<d>,
    #[hf("multi_modal_projector.mm_input_projection_weight")] weight: Weight<d, c>,
) -> Act<b, s, c> {
    let pooled = mean::<r>(split::<m, (s, r)>(x));
    let normed = store(rms_norm::<d>(pooled) * scale);
    dot::<d>(normed, weight)
}

/// `r` patches, normalised one by one, made one of their width by a product, then a network as [`MlpProjector`]'s (Mistral
/// Small 3.1).
#[cost(m = s * r, e = d)]
pub fn MergingProjector<b, s, r, m, d, e, h, c, bias, gelu, gelu_tanh, relu, silu>(
    x: Act<b, m, d>,
    #[part(norm)]
    #[hf("multi_modal_projector.norm.weight")]
    scale: Weight<d>,
    #[hf("multi_modal_projector.patch_merger.merging_layer.weight")] merge: Weight<r, d, e>,
) -> Act<b, s, c> {
    let normed = store(rms_norm::<d>(x) * scale);
    let merged = store(rename::<e, d>(dot::<(r, d)>(split::<m, (s, r)>(normed), merge)));
    MlpProjector { b, s, r: 1, d, h, c, each_norm: 0, joined_norm: 0, rms: 0, bias, gelu, gelu_tanh, relu, silu }(
        merged,
    )
}
