//! Lightning attention (arXiv:2401.04658; MiniMax-01, arXiv:2501.08313).

use cost_macros::cost;

use crate::ops::RmsNorm;

/// Linear attention of `n` heads of `k` numbers whose state decays by a fixed rate a head; a norm over all heads, a sigmoid
/// gate and the projection back. Written token by token.
///
/// The input is normalised, and the result added to it.
#[cost(part = attention, h = k)]
pub fn LightningAttention<b, s, d, n, k, h>(
    x: Act<b, s, d>,
    #[part(norm)]
    #[hf("input_layernorm.weight")]
    norm: Weight<d>,
    #[hf("self_attn.qkv_proj.weight")] wq: Weight<d, n, k>,
    #[hf("self_attn.qkv_proj.weight")] wk: Weight<d, n, k>,
    #[hf("self_attn.qkv_proj.weight")] wv: Weight<d, n, h>,
    #[part(buffer)]
    #[hf("self_attn.slope_rate")]
    rate: Weight<n>,
    #[part(norm)]
    #[hf("self_attn.norm.weight")]
    result_norm: Weight<n, h>,
    #[hf("self_attn.output_gate.weight")] to_gate: Weight<d, n, h>,
    #[hf("self_attn.out_proj.weight")] out: Weight<n, h, d>,
    state: State<b, n, k, h>,
) -> Act<b, s, d> {
    let mixer_in = RmsNorm { b, s, d }(x, norm);
    let q = silu(dot::<d>(mixer_in, wq));
    let key = silu(dot::<d>(mixer_in, wk));
    let value = silu(dot::<d>(mixer_in, wv));
    let gate = sigmoid(dot::<d>(mixer_in, to_gate));
    let after = before::<s>(state) * exp(-rate) + key * value;
    update(state, after);
    let read = store(dot::<k>(after, q));
    let normed = rms_norm::<(n, h)>(read) * result_norm * gate;
    let mixer_out = x + dot::<(n, h)>(normed, out);
    mixer_out
}
