//! Real-gated linear recurrences (Griffin, arXiv:2402.19427; RecurrentGemma, arXiv:2404.07839).

use cost_macros::cost;

use crate::ops::RmsNorm;

/// The recurrence: a number of state for each of `n` heads' `c` channels, which decays by a gate of the token. Both gates are
/// made head by head.
#[cost(part = attention, j = c)]
pub fn GatedRecurrence<b, s, n, c, j>(
    x: Act<b, s, n, c>,
    #[hf("temporal_block.rg_lru.recurrent_param")] rate: Weight<n, c>,
    #[hf("temporal_block.rg_lru.input_gate_weight")] input_gate: Weight<n, c, j>,
    #[hf("temporal_block.rg_lru.input_gate_bias")] input_bias: Weight<n, c>,
    #[hf("temporal_block.rg_lru.recurrent_gate_weight")] decay_gate: Weight<n, c, j>,
    #[hf("temporal_block.rg_lru.recurrent_gate_bias")] decay_bias: Weight<n, c>,
    #[format(f32)] state: State<b, n, c>,
) -> Act<b, s, n, c> {
    let input = sigmoid(rename::<j, c>(dot::<c>(x, input_gate)) + input_bias);
    let gate = sigmoid(rename::<j, c>(dot::<c>(x, decay_gate)) + decay_bias);
    let logs = gate * softplus(rate) * -8.0;
    let decay = exp(logs);
    let scaled = x * input * sqrt(1.0 - exp(logs * 2.0));
    let after = before::<s>(state) * decay + scaled;
    update(state, after);
    after
}

/// A layer around the recurrence: a projection through a causal convolution of `w` taps by channel into it, one through GELU
/// that weighs its result, and the projection back; all with biases.
///
/// `n` heads of `c` channels. The input is normalised, and the result added to it.
#[cost(part = attention)]
pub fn GatedRecurrentMixer<b, s, d, n, c, w>(
    x: Act<b, s, d>,
    #[part(norm)]
    #[hf("temporal_pre_norm.weight")]
    norm: Weight<d>,
    #[hf("temporal_block.linear_y.weight")] to_gate: Weight<d, n, c>,
    #[hf("temporal_block.linear_y.bias")] gate_bias: Weight<n, c>,
    #[hf("temporal_block.linear_x.weight")] to_x: Weight<d, n, c>,
    #[hf("temporal_block.linear_x.bias")] x_bias: Weight<n, c>,
    #[hf("temporal_block.conv_1d.weight")] taps: Weight<n, c, w>,
    #[hf("temporal_block.conv_1d.bias")] shift: Weight<n, c>,
    #[hf("temporal_block.linear_out.weight")] out: Weight<n, c, d>,
    #[hf("temporal_block.linear_out.bias")] out_bias: Weight<d>,
    recent: State<b, n, c, w>,
    #[format(f32)] state: State<b, n, c>,
) -> Act<b, s, d> {
    let mixer_in = RmsNorm { b, s, d }(x, norm);
    let gate = gelu_tanh(dot::<d>(mixer_in, to_gate) + gate_bias);
    let new_x = dot::<d>(mixer_in, to_x) + x_bias;
    let seen = slide::<s, w>(recent, new_x);
    update(recent, seen);
    let mixed = store(sum::<w>(seen * taps) + shift);
    let read = GatedRecurrence { b, s, n, c }(mixed, state);
    let y = dot::<(n, c)>(read * gate, out) + out_bias;
    let mixer_out = x + y;
    mixer_out
}
