//! Mamba's state spaces by channel (arXiv:2312.00752).

use cost_macros::cost;

use crate::ops::RmsNorm;

/// The selective scan: each channel's state of `n` numbers decays, takes up `step·x ⊗ input` and is read out along `output`.
/// Steps, inputs and outputs depend on the token, steps through rank `r`.
///
/// `inner_norm` is 1 where all three are normalised (Jamba, Falcon Mamba), `learned` where with scales.
#[cost(part = attention)]
pub fn ChannelScan<b, s, c, n, r, inner_norm, learned>(
    x: Act<b, s, c>,
    #[hf("mixer.x_proj.weight")]
    #[gguf("blk.*.ssm_x.weight")]
    step_down: Weight<c, r>,
    #[hf("mixer.x_proj.weight")]
    #[gguf("blk.*.ssm_x.weight")]
    to_input: Weight<c, n>,
    #[hf("mixer.x_proj.weight")]
    #[gguf("blk.*.ssm_x.weight")]
    to_output: Weight<c, n>,
    #[part(norm)]
    #[hf("mixer.dt_layernorm.weight")]
    #[gguf("blk.*.ssm_dt_norm.weight")]
    step_norm: Weight<r>,
    #[part(norm)]
    #[hf("mixer.b_layernorm.weight")]
    #[gguf("blk.*.ssm_b_norm.weight")]
    input_norm: Weight<n>,
    #[part(norm)]
    #[hf("mixer.c_layernorm.weight")]
    #[gguf("blk.*.ssm_c_norm.weight")]
    output_norm: Weight<n>,
    #[hf("mixer.dt_proj.weight")]
    #[gguf("blk.*.ssm_dt.weight")]
    step_up: Weight<r, c>,
    #[hf("mixer.dt_proj.bias")]
    #[gguf("blk.*.ssm_dt.bias")]
    step_bias: Weight<c>,
    #[hf("mixer.A_log")]
    #[gguf("blk.*.ssm_a")]
    log_rate: Weight<c, n>,
    #[hf("mixer.D")]
    #[gguf("blk.*.ssm_d")]
    skip: Weight<c>,
    #[format(f32)] state: State<b, c, n>,
) -> Act<b, s, c> {
    let low = dot::<c>(x, step_down);
    let input = dot::<c>(x, to_input);
    let output = dot::<c>(x, to_output);
    if inner_norm {
        low = rms_norm::<r>(low);
        input = rms_norm::<n>(input);
        output = rms_norm::<n>(output);
    }
    if learned {
        low = low * step_norm;
        input = input * input_norm;
        output = output * output_norm;
    }
    let step = store(softplus(dot::<r>(low, step_up) + step_bias));
    let decay = exp(step * -exp(log_rate));
    let after = before::<s>(state) * decay + (step * x) * input;
    update(state, after);
    dot::<n>(after, output) + x * skip
}

/// A layer around the scan: a projection to `c` channels and as many gates, a causal convolution of `w` taps by channel, and
/// after the scan the gates and the projection back.
///
/// The input is normalised, and the result added to it. `bias` is 1 where the projections have biases, `conv_bias` where
/// the convolution has; `inner_norm` and `learned` are those of [`ChannelScan`].
#[cost(part = attention)]
pub fn MambaMixer<b, s, d, c, n, r, w, bias, conv_bias, inner_norm, learned>(
    x: Act<b, s, d>,
    #[part(norm)]
    #[hf("norm.weight")]
    #[gguf("blk.*.attn_norm.weight")]
    norm: Weight<d>,
    #[hf("mixer.in_proj.weight")]
    #[gguf("blk.*.ssm_in.weight")]
    to_x: Weight<d, c>,
    #[hf("mixer.in_proj.weight")]
    #[gguf("blk.*.ssm_in.weight")]
    to_gate: Weight<d, c>,
    #[hf("mixer.in_proj.bias")]
    #[gguf("blk.*.ssm_in.bias")]
    x_bias: Weight<c>,
    #[hf("mixer.in_proj.bias")]
    #[gguf("blk.*.ssm_in.bias")]
    gate_bias: Weight<c>,
    #[hf("mixer.conv1d.weight")]
    #[gguf("blk.*.ssm_conv1d.weight")]
    taps: Weight<c, w>,
    #[hf("mixer.conv1d.bias")]
    #[gguf("blk.*.ssm_conv1d.bias")]
    shift: Weight<c>,
    #[hf("mixer.out_proj.weight")]
    #[gguf("blk.*.ssm_out.weight")]
    out: Weight<c, d>,
    #[hf("mixer.out_proj.bias")]
    #[gguf("blk.*.ssm_out.bias")]
    out_bias: Weight<d>,
    recent: State<b, c, w>,
    #[format(f32)] state: State<b, c, n>,
) -> Act<b, s, d> {
    let mixer_in = RmsNorm { b, s, d }(x, norm);
    let new_x = dot::<d>(mixer_in, to_x);
    let gate = dot::<d>(mixer_in, to_gate);
    if bias {
        new_x = new_x + x_bias;
        gate = gate + gate_bias;
    }
    let seen = slide::<s, w>(recent, new_x);
    update(recent, seen);
    let mixed = sum::<w>(seen * taps);
    if conv_bias {
        mixed = mixed + shift;
    }
    let conv_x = silu(mixed);
    let scanned = ChannelScan { .. }(conv_x, state);
    let y = dot::<c>(scanned * silu(gate), out);
    if bias {
        y = y + out_bias;
    }
    let mixer_out = x + y;
    mixer_out
}
