//! The layer.

use cost_macros::cost;

use crate::ops::{EncoderAttention, LayerNorm, UngatedMlp};

/// One layer of `n` heads: attention of all positions to all, then a feed-forward network, each added to its input, and the
/// sum normalised. `gelu`, `gelu_tanh` and `relu` choose the network's function.
#[cost(part = attention)]
pub fn EncoderLayer<b, s, d, n, k, f, gelu, gelu_tanh, relu>(
    x: Act<b, s, d>,
    #[hf("attention.self.query.weight")]
    #[gguf("blk.*.attn_q.weight")]
    wq: Weight<d, n, k>,
    #[hf("attention.self.query.bias")]
    #[gguf("blk.*.attn_q.bias")]
    bq: Weight<n, k>,
    #[hf("attention.self.key.weight")]
    #[gguf("blk.*.attn_k.weight")]
    wk: Weight<d, n, k>,
    #[hf("attention.self.key.bias")]
    #[gguf("blk.*.attn_k.bias")]
    bk: Weight<n, k>,
    #[hf("attention.self.value.weight")]
    #[gguf("blk.*.attn_v.weight")]
    wv: Weight<d, n, k>,
    #[hf("attention.self.value.bias")]
    #[gguf("blk.*.attn_v.bias")]
    bv: Weight<n, k>,
    #[hf("attention.output.dense.weight")]
    #[gguf("blk.*.attn_output.weight")]
    wo: Weight<n, k, d>,
    #[hf("attention.output.dense.bias")]
    #[gguf("blk.*.attn_output.bias")]
    bo: Weight<d>,
    #[part(norm)]
    #[hf("attention.output.LayerNorm.weight")]
    #[gguf("blk.*.attn_output_norm.weight")]
    attn_scale: Weight<d>,
    #[part(norm)]
    #[hf("attention.output.LayerNorm.bias")]
    #[gguf("blk.*.attn_output_norm.bias")]
    attn_shift: Weight<d>,
    #[part(ffn)]
    #[hf("intermediate.dense.weight")]
    #[gguf("blk.*.ffn_up.weight")]
    up: Weight<d, f>,
    #[part(ffn)]
    #[hf("intermediate.dense.bias")]
    #[gguf("blk.*.ffn_up.bias")]
    up_bias: Weight<f>,
    #[part(ffn)]
    #[hf("output.dense.weight")]
    #[gguf("blk.*.ffn_down.weight")]
    down: Weight<f, d>,
    #[part(ffn)]
    #[hf("output.dense.bias")]
    #[gguf("blk.*.ffn_down.bias")]
    down_bias: Weight<d>,
    #[part(norm)]
    #[hf("output.LayerNorm.weight")]
    #[gguf("blk.*.layer_output_norm.weight")]
    scale: Weight<d>,
    #[part(norm)]
    #[hf("output.LayerNorm.bias")]
    #[gguf("blk.*.layer_output_norm.bias")]
    shift: Weight<d>,
) -> Act<b, s, d> {
    let q = dot::<d>(x, wq) + bq;
    let keys = dot::<d>(x, wk) + bk;
    let values = dot::<d>(x, wv) + bv;
    let attended = EncoderAttention { b, s, t: s, n, k }(q, keys, values);
    let attn_sum = x + dot::<(n, k)>(attended, wo) + bo;
    let attn_out = LayerNorm { b, s, d }(attn_sum, attn_scale, attn_shift);
    let ffn = UngatedMlp { b, s, d, f, bias: 1, gelu: gelu_tanh, gelu_erf: gelu, relu, relu2: 0, silu: 0, xielu: 0 }(
        attn_out, up, up_bias, down, down_bias,
    );
    let ffn_sum = attn_out + ffn;
    LayerNorm { b, s, d }(ffn_sum, scale, shift)
}

/// [`EncoderLayer`] applied `rounds` times, with the same weights each time (ALBERT, arXiv:1909.11942).
#[cost(part = attention)]
pub fn SharedLayers<b, s, d, n, k, f, rounds, gelu, gelu_tanh, relu>(
    x: Act<b, s, d>,
    #[hf("attention.query.weight")] wq: Weight<d, n, k>,
    #[hf("attention.query.bias")] bq: Weight<n, k>,
    #[hf("attention.key.weight")] wk: Weight<d, n, k>,
    #[hf("attention.key.bias")] bk: Weight<n, k>,
    #[hf("attention.value.weight")] wv: Weight<d, n, k>,
    #[hf("attention.value.bias")] bv: Weight<n, k>,
    #[hf("attention.dense.weight")] wo: Weight<n, k, d>,
    #[hf("attention.dense.bias")] bo: Weight<d>,
    #[part(norm)]
    #[hf("attention.LayerNorm.weight")]
    attn_scale: Weight<d>,
    #[part(norm)]
    #[hf("attention.LayerNorm.bias")]
    attn_shift: Weight<d>,
    #[part(ffn)]
    #[hf("ffn.weight")]
    up: Weight<d, f>,
    #[part(ffn)]
    #[hf("ffn.bias")]
    up_bias: Weight<f>,
    #[part(ffn)]
    #[hf("ffn_output.weight")]
    down: Weight<f, d>,
    #[part(ffn)]
    #[hf("ffn_output.bias")]
    down_bias: Weight<d>,
    #[part(norm)]
    #[hf("full_layer_layer_norm.weight")]
    scale: Weight<d>,
    #[part(norm)]
    #[hf("full_layer_layer_norm.bias")]
    shift: Weight<d>,
) -> Act<b, s, d> {
    let y = x;
    for _ in 0..rounds {
        y = EncoderLayer { .. }(
            y, wq, bq, wk, bk, wv, bv, wo, bo, attn_scale, attn_shift, up, up_bias, down, down_bias, scale, shift,
        );
    }
    y
}
