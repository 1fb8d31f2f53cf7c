//! Kimi delta attention (Kimi Linear, arXiv:2510.26692).

use cost_macros::cost;

use crate::ops::RmsNorm;

/// The core: the gated delta rule with a decay for each key.
#[cost(part = attention, h = k)]
pub fn KimiDeltaRule<b, s, n, k, h>(
    q: Act<b, s, n, k>,
    key: Act<b, s, n, k>,
    value: Act<b, s, n, h>,
    step: Act<b, s, n, k>,
    rate: Act<b, s, n>,
    #[hf("self_attn.forget_gate.dt_bias")]
    #[gguf("blk.*.ssm_dt.bias")]
    #[format(f32)]
    step_bias: Weight<n, k>,
    #[hf("self_attn.forget_gate.A_log")]
    #[gguf("blk.*.ssm_a")]
    log_rate: Weight<n>,
    #[format(f32)] state: State<b, n, k, h>,
) -> Act<b, s, n, h> {
    let q = scale(q * rsqrt(sum::<k>(square(q))));
    let key = key * rsqrt(sum::<k>(square(key)));
    let decay = exp(softplus(step + step_bias) * -exp(log_rate));
    let decayed = before::<s>(state) * decay;
    let change = (value - dot::<k>(decayed, key)) * sigmoid(rate);
    let after = decayed + key * change;
    update(state, after);
    dot::<k>(after, q)
}

/// A layer around the core: queries, keys and values of `n` heads of `k` numbers through causal convolutions of `w` taps by
/// channel, decays and output gates through a rank of `k`, and after the core a gated norm by head and the projection back.
///
/// The input is normalised, and the result added to it.
#[cost(part = attention, h = k, r = k)]
pub fn KimiDeltaAttention<b, s, d, n, k, h, r, w>(
    x: Act<b, s, d>,
    #[part(norm)]
    #[hf("input_layernorm.weight")]
    #[gguf("blk.*.attn_norm.weight")]
    norm: Weight<d>,
    #[hf("self_attn.q_proj.weight")]
    #[gguf("blk.*.attn_q.weight")]
    wq: Weight<d, n, k>,
    #[hf("self_attn.k_proj.weight")]
    #[gguf("blk.*.attn_k.weight")]
    wk: Weight<d, n, k>,
    #[hf("self_attn.v_proj.weight")]
    #[gguf("blk.*.attn_v.weight")]
    wv: Weight<d, n, h>,
    #[hf("self_attn.conv1d.weight")]
    #[gguf("blk.*.ssm_conv1d_q.weight")]
    q_taps: Weight<n, k, w>,
    #[hf("self_attn.conv1d.weight")]
    #[gguf("blk.*.ssm_conv1d_k.weight")]
    key_taps: Weight<n, k, w>,
    #[hf("self_attn.conv1d.weight")]
    #[gguf("blk.*.ssm_conv1d_v.weight")]
    value_taps: Weight<n, h, w>,
    #[hf("self_attn.forget_gate.f_a_proj.weight")]
    #[gguf("blk.*.ssm_f_a.weight")]
    decay_down: Weight<d, r>,
    #[hf("self_attn.forget_gate.f_b_proj.weight")]
    #[gguf("blk.*.ssm_f_b.weight")]
    decay_up: Weight<r, n, k>,
    #[hf("self_attn.b_proj.weight")]
    #[gguf("blk.*.ssm_beta.weight")]
    to_rate: Weight<d, n>,
    #[hf("self_attn.g_a_proj.weight")]
    #[gguf("blk.*.ssm_g_a.weight")]
    gate_down: Weight<d, r>,
    #[hf("self_attn.g_b_proj.weight")]
    #[gguf("blk.*.ssm_g_b.weight")]
    gate_up: Weight<r, n, h>,
    #[part(norm)]
    #[hf("self_attn.o_norm.weight")]
    #[gguf("blk.*.ssm_norm.weight")]
    head_norm: Weight<h>,
    #[hf("self_attn.o_proj.weight")]
    #[gguf("blk.*.attn_output.weight")]
    out: Weight<n, h, d>,
    recent_q: State<b, n, k, w>,
    recent_keys: State<b, n, k, w>,
    recent_values: State<b, n, h, w>,
    #[format(f32)] state: State<b, n, k, h>,
) -> Act<b, s, d> {
    let mixer_in = RmsNorm { b, s, d }(x, norm);
    let q = dot::<d>(mixer_in, wq);
    let keys = dot::<d>(mixer_in, wk);
    let values = dot::<d>(mixer_in, wv);
    let gate = sigmoid(dot::<r>(dot::<d>(mixer_in, gate_down), gate_up));
    let step = store(dot::<r>(dot::<d>(mixer_in, decay_down), decay_up));
    let rate = store(dot::<d>(mixer_in, to_rate));
    let seen_q = slide::<s, w>(recent_q, q);
    let seen_keys = slide::<s, w>(recent_keys, keys);
    let seen_values = slide::<s, w>(recent_values, values);
    update(recent_q, seen_q);
    update(recent_keys, seen_keys);
    update(recent_values, seen_values);
    let conv_q = silu(sum::<w>(seen_q * q_taps));
    let conv_keys = silu(sum::<w>(seen_keys * key_taps));
    let conv_values = silu(sum::<w>(seen_values * value_taps));
    let changed = KimiDeltaRule { b, s, n, k }(conv_q, conv_keys, conv_values, step, rate, state);
    let normed = store(rms_norm::<h>(changed) * head_norm * gate);
    let mixer_out = x + dot::<(n, h)>(normed, out);
    mixer_out
}
