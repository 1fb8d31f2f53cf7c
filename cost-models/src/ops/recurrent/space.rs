//! State spaces with scalar decay for each head (Mamba-2, arXiv:2405.21060).

use cost_macros::cost;

use crate::ops::RmsNorm;

/// The core: each head's state of `p·n` numbers decays, takes up `step·x ⊗ input` and is read out along `output`.
///
/// `g` groups of `h` heads; the heads of a group share `input` and `output` (`B` and `C` in the paper). 5 FLOP for each
/// number of the state and token, 2 of them in the read-out, which alone is a summed product.
#[cost(part = attention)]
pub fn SelectiveScan<b, s, g, h, p, n>(
    x: Act<b, s, g, h, p>,
    step: Act<b, s, g, h>,
    input: Act<b, s, g, n>,
    output: Act<b, s, g, n>,
    #[hf("mixer.dt_bias")]
    #[gguf("blk.*.ssm_dt.bias")]
    step_bias: Weight<g, h>,
    #[hf("mixer.A_log")]
    #[gguf("blk.*.ssm_a")]
    log_rate: Weight<g, h>,
    #[hf("mixer.D")]
    #[gguf("blk.*.ssm_d")]
    skip: Weight<g, h>,
    #[format(f32)] state: State<b, g, h, p, n>,
) -> Act<b, s, g, h, p> {
    let step = softplus(step + step_bias);
    let decay = exp(step * -exp(log_rate));
    let after = before::<s>(state) * decay + (step * x) * input;
    update(state, after);
    dot::<n>(after, output) + x * skip
}

/// A layer around the core: a projection to gates, `x`, `input`, `output` and steps, a causal convolution of `w` taps by
/// channel over `x`, `input` and `output`, and after the core a gated norm by group and the projection back.
///
/// The input is normalised, and the result added to it, but where `branch` is 1: then it is one of several that see an input
/// which is normalised already. `bias` is 1 where the projection in has biases, `back_bias` where the one back has,
/// `conv_bias` where the convolution has, `plain_gate` where the gated result isn't normalised.
#[cost(part = attention)]
pub fn Mamba2Mixer<b, s, d, g, h, p, n, w, bias, back_bias, conv_bias, branch, plain_gate>(
    x: Act<b, s, d>,
    #[part(norm)]
    #[hf("norm.weight")]
    #[gguf("blk.*.attn_norm.weight")]
    norm: Weight<d>,
    #[hf("mixer.in_proj.weight")]
    #[gguf("blk.*.ssm_in.weight")]
    to_gate: Weight<d, g, h, p>,
    #[hf("mixer.in_proj.weight")]
    #[gguf("blk.*.ssm_in.weight")]
    to_x: Weight<d, g, h, p>,
    #[hf("mixer.in_proj.weight")]
    #[gguf("blk.*.ssm_in.weight")]
    to_input: Weight<d, g, n>,
    #[hf("mixer.in_proj.weight")]
    #[gguf("blk.*.ssm_in.weight")]
    to_output: Weight<d, g, n>,
    #[hf("mixer.in_proj.weight")]
    #[gguf("blk.*.ssm_in.weight")]
    to_step: Weight<d, g, h>,
    #[hf("mixer.in_proj.bias")]
    #[gguf("blk.*.ssm_in.bias")]
    gate_bias: Weight<g, h, p>,
    #[hf("mixer.in_proj.bias")]
    #[gguf("blk.*.ssm_in.bias")]
    x_bias: Weight<g, h, p>,
    #[hf("mixer.in_proj.bias")]
    #[gguf("blk.*.ssm_in.bias")]
    input_bias: Weight<g, n>,
    #[hf("mixer.in_proj.bias")]
    #[gguf("blk.*.ssm_in.bias")]
    output_bias: Weight<g, n>,
    #[hf("mixer.in_proj.bias")]
    #[gguf("blk.*.ssm_in.bias")]
    step_bias: Weight<g, h>,
    #[hf("mixer.conv1d.weight")]
    #[gguf("blk.*.ssm_conv1d.weight")]
    x_taps: Weight<g, h, p, w>,
    #[hf("mixer.conv1d.weight")]
    #[gguf("blk.*.ssm_conv1d.weight")]
    input_taps: Weight<g, n, w>,
    #[hf("mixer.conv1d.weight")]
    #[gguf("blk.*.ssm_conv1d.weight")]
    output_taps: Weight<g, n, w>,
    #[hf("mixer.conv1d.bias")]
    #[gguf("blk.*.ssm_conv1d.bias")]
    x_shift: Weight<g, h, p>,
    #[hf("mixer.conv1d.bias")]
    #[gguf("blk.*.ssm_conv1d.bias")]
    input_shift: Weight<g, n>,
    #[hf("mixer.conv1d.bias")]
    #[gguf("blk.*.ssm_conv1d.bias")]
    output_shift: Weight<g, n>,
    #[part(norm)]
    #[hf("mixer.norm.weight")]
    #[gguf("blk.*.ssm_norm.weight")]
    result_norm: Weight<g, h, p>,
    #[hf("mixer.out_proj.weight")]
    #[gguf("blk.*.ssm_out.weight")]
    out: Weight<g, h, p, d>,
    #[hf("mixer.out_proj.bias")]
    #[gguf("blk.*.ssm_out.bias")]
    out_bias: Weight<d>,
    recent_x: State<b, g, h, p, w>,
    recent_input: State<b, g, n, w>,
    recent_output: State<b, g, n, w>,
    #[format(f32)] state: State<b, g, h, p, n>,
) -> Act<b, s, d> {
    let mixer_in = x;
    if !branch {
        mixer_in = RmsNorm { b, s, d }(x, norm);
    }
    let gate = dot::<d>(mixer_in, to_gate);
    let new_x = dot::<d>(mixer_in, to_x);
    let input = dot::<d>(mixer_in, to_input);
    let output = dot::<d>(mixer_in, to_output);
    let steps = dot::<d>(mixer_in, to_step);
    if bias {
        gate = gate + gate_bias;
        new_x = new_x + x_bias;
        input = input + input_bias;
        output = output + output_bias;
        steps = steps + step_bias;
    }
    let step = store(steps);
    let seen_x = slide::<s, w>(recent_x, new_x);
    let seen_input = slide::<s, w>(recent_input, input);
    let seen_output = slide::<s, w>(recent_output, output);
    update(recent_x, seen_x);
    update(recent_input, seen_input);
    update(recent_output, seen_output);
    let sum_x = sum::<w>(seen_x * x_taps);
    let sum_input = sum::<w>(seen_input * input_taps);
    let sum_output = sum::<w>(seen_output * output_taps);
    if conv_bias {
        sum_x = sum_x + x_shift;
        sum_input = sum_input + input_shift;
        sum_output = sum_output + output_shift;
    }
    let conv_x = silu(sum_x);
    let conv_input = silu(sum_input);
    let conv_output = silu(sum_output);
    let scanned = SelectiveScan { .. }(conv_x, step, conv_input, conv_output, state);
    let gated = scanned * silu(gate);
    if !plain_gate {
        gated = rms_norm::<(h, p)>(gated) * result_norm;
    }
    let normed = store(gated);
    let mixer_out = dot::<(g, h, p)>(normed, out);
    if back_bias {
        mixer_out = mixer_out + out_bias;
    }
    if !branch {
        mixer_out = x + mixer_out;
    }
    mixer_out
}
