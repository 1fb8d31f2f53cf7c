//! Attention and a state space side by side (Falcon-H1, arXiv:2507.22448).

use cost_macros::cost;

use crate::ops::{Attention, RmsNorm, SelectiveScan};

/// Attention of an input that is normalised already, without what is added to it: `n` key/value heads with `g` queries each.
/// `bias` is 1 where all projections have biases.
#[cost(part = attention, window(s, t, w))]
pub fn AttentionBranch<b, s, t, w, d, n, g, k, h, bias>(
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
    wv: Weight<d, n, h>,
    #[hf("self_attn.v_proj.bias")]
    #[gguf("blk.*.attn_v.bias")]
    bv: Weight<n, h>,
    #[hf("self_attn.o_proj.weight")]
    #[gguf("blk.*.attn_output.weight")]
    wo: Weight<n, g, h, d>,
    #[hf("self_attn.o_proj.bias")]
    #[gguf("blk.*.attn_output.bias")]
    bo: Weight<d>,
    keys: Cache<b, t, n, k>,
    values: Cache<b, t, n, h>,
) -> Act<b, s, d> {
    let q = dot::<d>(x, wq);
    let new_keys = dot::<d>(x, wk);
    let new_values = dot::<d>(x, wv);
    if bias {
        q = q + bq;
        new_keys = new_keys + bk;
        new_values = new_values + bv;
    }
    q = rope(q);
    let keys = append::<t>(keys, rope(scale(new_keys)));
    let values = append::<t>(values, new_values);
    let attended = Attention { b, s, t, w, n, g, k, h, capped: 0, sinks: 0 }(q, keys, values);
    let o = dot::<(n, g, h)>(attended, wo);
    if bias {
        o = o + bo;
    }
    o
}

/// A state space with scalar decay for each head (Mamba-2, arXiv:2405.21060) of an input that is normalised already, without
/// what is added to it; `g` groups of `h` heads of `p` numbers, states of `n`, a convolution of `w` taps.
///
/// `bias` is 1 where the projection in has biases, `out_bias` where the one back has, `conv_bias` where the convolution has,
/// `gate_norm` where the gated result is normalised by group.
#[cost(part = attention)]
pub fn Mamba2Branch<b, s, d, g, h, p, n, w, bias, out_bias, conv_bias, gate_norm>(
    x: Act<b, s, d>,
    #[hf("mamba.in_proj.weight")]
    #[gguf("blk.*.ssm_in.weight")]
    to_gate: Weight<d, g, h, p>,
    #[hf("mamba.in_proj.weight")]
    #[gguf("blk.*.ssm_in.weight")]
    to_x: Weight<d, g, h, p>,
    #[hf("mamba.in_proj.weight")]
    #[gguf("blk.*.ssm_in.weight")]
    to_input: Weight<d, g, n>,
    #[hf("mamba.in_proj.weight")]
    #[gguf("blk.*.ssm_in.weight")]
    to_output: Weight<d, g, n>,
    #[hf("mamba.in_proj.weight")]
    #[gguf("blk.*.ssm_in.weight")]
    to_step: Weight<d, g, h>,
    #[hf("mamba.in_proj.bias")]
    #[gguf("blk.*.ssm_in.bias")]
    gate_bias: Weight<g, h, p>,
    #[hf("mamba.in_proj.bias")]
    #[gguf("blk.*.ssm_in.bias")]
    x_bias: Weight<g, h, p>,
    #[hf("mamba.in_proj.bias")]
    #[gguf("blk.*.ssm_in.bias")]
    input_bias: Weight<g, n>,
    #[hf("mamba.in_proj.bias")]
    #[gguf("blk.*.ssm_in.bias")]
    output_bias: Weight<g, n>,
    #[hf("mamba.in_proj.bias")]
    #[gguf("blk.*.ssm_in.bias")]
    step_bias: Weight<g, h>,
    #[hf("mamba.conv1d.weight")]
    #[gguf("blk.*.ssm_conv1d.weight")]
    x_taps: Weight<g, h, p, w>,
    #[hf("mamba.conv1d.weight")]
    #[gguf("blk.*.ssm_conv1d.weight")]
    input_taps: Weight<g, n, w>,
    #[hf("mamba.conv1d.weight")]
    #[gguf("blk.*.ssm_conv1d.weight")]
    output_taps: Weight<g, n, w>,
    #[hf("mamba.conv1d.bias")]
    #[gguf("blk.*.ssm_conv1d.bias")]
    x_shift: Weight<g, h, p>,
    #[hf("mamba.conv1d.bias")]
    #[gguf("blk.*.ssm_conv1d.bias")]
    input_shift: Weight<g, n>,
    #[hf("mamba.conv1d.bias")]
    #[gguf("blk.*.ssm_conv1d.bias")]
    output_shift: Weight<g, n>,
    #[part(norm)]
    #[hf("mamba.norm.weight")]
    #[gguf("blk.*.ssm_norm.weight")]
    result_norm: Weight<g, h, p>,
    #[hf("mamba.out_proj.weight")]
    #[gguf("blk.*.ssm_out.weight")]
    out: Weight<g, h, p, d>,
    #[hf("mamba.out_proj.bias")]
    #[gguf("blk.*.ssm_out.bias")]
    back_bias: Weight<d>,
    recent_x: State<b, g, h, p, w>,
    recent_input: State<b, g, n, w>,
    recent_output: State<b, g, n, w>,
    #[format(f32)] state: State<b, g, h, p, n>,
) -> Act<b, s, d> {
    let gate = dot::<d>(x, to_gate);
    let new_x = dot::<d>(x, to_x);
    let input = dot::<d>(x, to_input);
    let output = dot::<d>(x, to_output);
    let steps = dot::<d>(x, to_step);
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
    if gate_norm {
        gated = rms_norm::<(h, p)>(gated) * result_norm;
    }
    let y = dot::<(g, h, p)>(store(gated), out);
    if out_bias {
        y = y + back_bias;
    }
    y
}

/// Both branches on one normalised input, scaled and added to it: [`AttentionBranch`] of `n` heads with `g` queries of `k`
/// numbers, and [`Mamba2Branch`] of `i` groups of `j` heads of `p` numbers with states of `z`, a convolution of `w` taps.
#[cost(part = attention)]
pub fn ParallelMixer<b, s, t, u, d, n, g, k, i, j, p, z, w, qkv_bias, bias, out_bias, conv_bias, gate_norm>(
    x: Act<b, s, d>,
    #[part(norm)]
    #[hf("input_layernorm.weight")]
    #[gguf("blk.*.attn_norm.weight")]
    norm: Weight<d>,
) -> Act<b, s, d> {
    let mixer_in = RmsNorm { b, s, d }(x, norm);
    let scanned = Mamba2Branch { b, s, d, g: i, h: j, p, n: z, w, bias, out_bias, conv_bias, gate_norm }(mixer_in);
    let attended = AttentionBranch { b, s, t, w: u, d, n, g, k, h: k, bias: qkv_bias }(mixer_in);
    let mixer_out = x + scale(scanned) + scale(attended);
    mixer_out
}
