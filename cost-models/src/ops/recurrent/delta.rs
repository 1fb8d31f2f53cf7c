//! Gated delta nets (arXiv:2412.06464).

use cost_macros::cost;

use crate::ops::RmsNorm;

/// The core: each head's state of `k·h` numbers decays; the share `rate` of what it holds under the token's key is
/// replaced by the token's value, and the query reads it out.
///
/// `n` key heads with `g` value heads each; keys have `k` numbers, values `h`. Queries and keys are normalised to unit
/// length. 7 FLOP for each number of the state and token, 4 of them in the summed products with key and query.
#[cost(part = attention)]
pub fn GatedDeltaRule<b, s, n, g, k, h>(
    q: Act<b, s, n, k>,
    key: Act<b, s, n, k>,
    value: Act<b, s, n, g, h>,
    rate: Act<b, s, n, g>,
    step: Act<b, s, n, g>,
    #[hf("linear_attn.dt_bias")]
    #[gguf("blk.*.ssm_dt.bias")]
    step_bias: Weight<n, g>,
    #[hf("linear_attn.A_log")]
    #[gguf("blk.*.ssm_a")]
    log_rate: Weight<n, g>,
    #[format(f32)] state: State<b, n, g, k, h>,
) -> Act<b, s, n, g, h> {
    let q = scale(q * rsqrt(sum::<k>(square(q))));
    let key = key * rsqrt(sum::<k>(square(key)));
    let decay = exp(softplus(step + step_bias) * -exp(log_rate));
    let decayed = before::<s>(state) * decay;
    let change = (value - dot::<k>(decayed, key)) * sigmoid(rate);
    let after = decayed + key * change;
    update(state, after);
    dot::<k>(after, q)
}

/// A layer around the core: projections, a causal convolution of `w` taps by channel over queries, keys and values, and
/// after the core a gated norm by head and the projection back.
///
/// The input is normalised, and the result added to it.
#[cost(part = attention)]
pub fn GatedDeltaNet<b, s, d, n, g, k, h, w>(
    x: Act<b, s, d>,
    #[part(norm)]
    #[hf("input_layernorm.weight")]
    #[gguf("blk.*.attn_norm.weight")]
    norm: Weight<d>,
    #[hf("linear_attn.in_proj_qkvz.weight")]
    #[gguf("blk.*.attn_qkv.weight")]
    wq: Weight<d, n, k>,
    #[hf("linear_attn.in_proj_qkvz.weight")]
    #[gguf("blk.*.attn_qkv.weight")]
    wk: Weight<d, n, k>,
    #[hf("linear_attn.in_proj_qkvz.weight")]
    #[gguf("blk.*.attn_qkv.weight")]
    wv: Weight<d, n, g, h>,
    #[hf("linear_attn.in_proj_qkvz.weight")]
    #[gguf("blk.*.attn_gate.weight")]
    to_gate: Weight<d, n, g, h>,
    #[hf("linear_attn.in_proj_ba.weight")]
    #[gguf("blk.*.ssm_ba.weight")]
    to_rate: Weight<d, n, g>,
    #[hf("linear_attn.in_proj_ba.weight")]
    #[gguf("blk.*.ssm_ba.weight")]
    to_step: Weight<d, n, g>,
    #[hf("linear_attn.conv1d.weight")]
    #[gguf("blk.*.ssm_conv1d.weight")]
    q_taps: Weight<n, k, w>,
    #[hf("linear_attn.conv1d.weight")]
    #[gguf("blk.*.ssm_conv1d.weight")]
    key_taps: Weight<n, k, w>,
    #[hf("linear_attn.conv1d.weight")]
    #[gguf("blk.*.ssm_conv1d.weight")]
    value_taps: Weight<n, g, h, w>,
    #[part(norm)]
    #[hf("linear_attn.norm.weight")]
    #[gguf("blk.*.ssm_norm.weight")]
    head_norm: Weight<h>,
    #[hf("linear_attn.out_proj.weight")]
    #[gguf("blk.*.ssm_out.weight")]
    out: Weight<n, g, h, d>,
    recent_q: State<b, n, k, w>,
    recent_keys: State<b, n, k, w>,
    recent_values: State<b, n, g, h, w>,
    #[format(f32)] state: State<b, n, g, k, h>,
) -> Act<b, s, d> {
    let mixer_in = RmsNorm { b, s, d }(x, norm);
    let q = dot::<d>(mixer_in, wq);
    let keys = dot::<d>(mixer_in, wk);
    let values = dot::<d>(mixer_in, wv);
    let gate = dot::<d>(mixer_in, to_gate);
    let rate = dot::<d>(mixer_in, to_rate);
    let step = store(dot::<d>(mixer_in, to_step));
    let seen_q = slide::<s, w>(recent_q, q);
    let seen_keys = slide::<s, w>(recent_keys, keys);
    let seen_values = slide::<s, w>(recent_values, values);
    update(recent_q, seen_q);
    update(recent_keys, seen_keys);
    update(recent_values, seen_values);
    let conv_q = silu(sum::<w>(seen_q * q_taps));
    let conv_keys = silu(sum::<w>(seen_keys * key_taps));
    let conv_values = silu(sum::<w>(seen_values * value_taps));
    let changed = GatedDeltaRule { .. }(conv_q, conv_keys, conv_values, rate, step, state);
    let normed = store(rms_norm::<h>(changed) * head_norm * silu(gate));
    let mixer_out = x + dot::<(n, g, h)>(normed, out);
    mixer_out
}
