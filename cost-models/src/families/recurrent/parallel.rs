//! Attention and a state space side by side (Falcon-H1, arXiv:2507.22448).

use cost_macros::cost;

use crate::ops::{Attention, Mamba2Mixer, RmsNorm};

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

/// Both branches on one normalised input, scaled and added to it: [`AttentionBranch`] of `n` heads with `g` queries of `k`
/// numbers, and a [`Mamba2Mixer`] of `i` groups of `j` heads of `p` numbers with states of `z`, a convolution of `w` taps.
#[cost(part = attention)]
pub fn ParallelMixer<b, s, t, u, d, n, g, k, i, j, p, z, w, qkv_bias, bias, back_bias, conv_bias, plain_gate>(
    x: Act<b, s, d>,
    #[part(norm)]
    #[hf("input_layernorm.weight")]
    #[gguf("blk.*.attn_norm.weight")]
    norm: Weight<d>,
) -> Act<b, s, d> {
    let mixer_in = RmsNorm { b, s, d }(x, norm);
    let scanned = Mamba2Mixer { g: i, h: j, n: z, branch: 1, .. }(mixer_in);
    let attended = AttentionBranch { b, s, t, w: u, d, n, g, k, h: k, bias: qkv_bias }(mixer_in);
    let mixer_out = x + scale(scanned) + scale(attended);
    mixer_out
}
