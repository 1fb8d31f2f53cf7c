//! Gated short convolutions (LFM2, arXiv:2511.23404).

use cost_macros::cost;

use crate::ops::RmsNorm;

/// A projection to three parts of `c` channels, of which two make the input of a causal convolution of `w` taps by channel
/// and the third weighs its result; then the projection back.
///
/// The input is normalised, and the result added to it. `conv_bias` is 1 where the projections and the convolution have
/// biases, `post_norm` where what is added to the input is normalised.
#[cost(part = attention, c = d)]
pub fn ShortConv<b, s, d, c, w, conv_bias, post_norm>(
    x: Act<b, s, d>,
    #[part(norm)]
    #[hf("operator_norm.weight")]
    #[gguf("blk.*.attn_norm.weight")]
    norm: Weight<d>,
    #[hf("conv.in_proj.weight")]
    #[gguf("blk.*.shortconv.in_proj.weight")]
    to_before: Weight<d, c>,
    #[hf("conv.in_proj.weight")]
    #[gguf("blk.*.shortconv.in_proj.weight")]
    to_after: Weight<d, c>,
    #[hf("conv.in_proj.weight")]
    #[gguf("blk.*.shortconv.in_proj.weight")]
    to_x: Weight<d, c>,
    #[hf("conv.in_proj.bias")]
    #[gguf("blk.*.shortconv.in_proj.bias")]
    before_bias: Weight<c>,
    #[hf("conv.in_proj.bias")]
    #[gguf("blk.*.shortconv.in_proj.bias")]
    after_bias: Weight<c>,
    #[hf("conv.in_proj.bias")]
    #[gguf("blk.*.shortconv.in_proj.bias")]
    x_bias: Weight<c>,
    #[hf("conv.conv.weight")]
    #[gguf("blk.*.shortconv.conv.weight")]
    taps: Weight<c, w>,
    #[hf("conv.conv.bias")]
    #[gguf("blk.*.shortconv.conv.bias")]
    shift: Weight<c>,
    #[hf("conv.out_proj.weight")]
    #[gguf("blk.*.shortconv.out_proj.weight")]
    out: Weight<c, d>,
    #[hf("conv.out_proj.bias")]
    #[gguf("blk.*.shortconv.out_proj.bias")]
    out_bias: Weight<d>,
    #[part(norm)]
    #[hf("post_operator_norm.weight")]
    result_norm: Weight<d>,
    recent: State<b, c, w>,
) -> Act<b, s, d> {
    let mixer_in = RmsNorm { b, s, d }(x, norm);
    let gate = dot::<d>(mixer_in, to_before);
    let weigh = dot::<d>(mixer_in, to_after);
    let new = dot::<d>(mixer_in, to_x);
    if conv_bias {
        gate = gate + before_bias;
        weigh = weigh + after_bias;
        new = new + x_bias;
    }
    let seen = slide::<s, w>(recent, gate * new);
    update(recent, seen);
    let mixed = dot::<w>(seen, taps);
    if conv_bias {
        mixed = mixed + shift;
    }
    let y = dot::<c>(weigh * mixed, out);
    if conv_bias {
        y = y + out_bias;
    }
    if post_norm {
        y = rms_norm::<d>(y) * result_norm;
    }
    let mixer_out = x + y;
    mixer_out
}
