//! A mixture of experts in the place of a layer's feed-forward network.

use cost_macros::cost;

use crate::families::encoder::EncoderNorm;

/// One of the experts of [`RoutedFeedForward`]: two products with a function between them, as in
/// [`crate::families::encoder::EncoderMlp`].
#[cost(part = ffn)]
pub fn RoutedMlp<b, s, d, f, in_bias, out_bias, gelu, gelu_tanh, relu, silu>(
    x: Act<b, s, d>,
    #[hf("ffn.experts.expert_*.fc1.weight")] up: Weight<d, f>,
    #[hf("ffn.experts.expert_*.fc1.bias")] up_bias: Weight<f>,
    #[hf("ffn.experts.expert_*.fc2.weight")] down: Weight<f, d>,
    #[hf("ffn.experts.expert_*.fc2.bias")] down_bias: Weight<d>,
) -> Act<b, s, d> {
    let z = dot::<d>(x, up);
    if in_bias {
        z = z + up_bias;
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
    let h = store(z);
    let y = dot::<f>(h, down);
    if out_bias {
        y = y + down_bias;
    }
    y
}

/// The second half of a layer: each token through `top` of `e` experts, chosen by a softmax (Switch Transformers,
/// arXiv:2101.03961; NLLB, arXiv:2207.04672), on a normalised input and added to it. `router_bias` is 1 where the router has
/// one, the other conditions are as in [`crate::families::encoder::EncoderFeedForward`].
#[cost(part = ffn)]
pub fn RoutedFeedForward<
    b,
    s,
    d,
    f,
    e,
    top,
    rms,
    shifted,
    router_bias,
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
    norm: Weight<d>,
    #[part(norm)]
    #[hf("output.LayerNorm.bias")]
    norm_shift: Weight<d>,
    #[hf("ffn.router.classifier.weight")] router: Weight<d, e>,
    #[hf("ffn.router.classifier.bias")] router_shift: Weight<e>,
) -> Act<b, s, d> {
    let ffn_in = EncoderNorm { .. }(x, norm, norm_shift);
    let gates = dot::<d>(ffn_in, router);
    if router_bias {
        gates = gates + router_shift;
    }
    let shares = softmax::<e>(gates);
    let routed = experts::<e, top>(RoutedMlp { .. }(ffn_in), shares);
    let ffn_out = x + routed;
    ffn_out
}
