//! Feed-forward networks.

use cost_macros::cost;

/// Gated feed-forward network with SiLU (SwiGLU, arXiv:2002.05202): two kernels, the product of gate and up stored
/// between them.
#[cost(part = ffn)]
pub fn SwiGlu<b, s, d, f>(
    x: Act<b, s, d>,
    #[hf("gate_proj.weight")]
    #[gguf("blk.*.ffn_gate.weight")]
    gate: Weight<d, f>,
    #[hf("up_proj.weight")]
    #[gguf("blk.*.ffn_up.weight")]
    up: Weight<d, f>,
    #[hf("down_proj.weight")]
    #[gguf("blk.*.ffn_down.weight")]
    down: Weight<f, d>,
) -> Act<b, s, d> {
    let h = store(silu(dot::<d>(x, gate)) * dot::<d>(x, up));
    dot::<f>(h, down)
}

/// [`SwiGlu`] with biases on all three projections where `bias` is 1.
#[cost(part = ffn)]
pub fn GatedMlp<b, s, d, f, bias>(
    x: Act<b, s, d>,
    #[hf("gate_proj.weight")]
    #[gguf("blk.*.ffn_gate.weight")]
    gate: Weight<d, f>,
    #[hf("gate_proj.bias")]
    #[gguf("blk.*.ffn_gate.bias")]
    gate_bias: Weight<f>,
    #[hf("up_proj.weight")]
    #[gguf("blk.*.ffn_up.weight")]
    up: Weight<d, f>,
    #[hf("up_proj.bias")]
    #[gguf("blk.*.ffn_up.bias")]
    up_bias: Weight<f>,
    #[hf("down_proj.weight")]
    #[gguf("blk.*.ffn_down.weight")]
    down: Weight<f, d>,
    #[hf("down_proj.bias")]
    #[gguf("blk.*.ffn_down.bias")]
    down_bias: Weight<d>,
) -> Act<b, s, d> {
    let g = dot::<d>(x, gate);
    let u = dot::<d>(x, up);
    if bias {
        g = g + gate_bias;
        u = u + up_bias;
    }
    let h = store(silu(g) * u);
    let y = dot::<f>(h, down);
    if bias {
        y = y + down_bias;
    }
    y
}

/// Feed-forward network with biases and GELU in its tanh form (arXiv:1606.08415): two kernels.
#[cost(part = ffn)]
pub fn GeluMlp<b, s, d, f>(
    x: Act<b, s, d>,
    #[hf("mlp.c_fc.weight")]
    #[gguf("blk.*.ffn_up.weight")]
    up: Weight<d, f>,
    #[hf("mlp.c_fc.bias")]
    #[gguf("blk.*.ffn_up.bias")]
    up_bias: Weight<f>,
    #[hf("mlp.c_proj.weight")]
    #[gguf("blk.*.ffn_down.weight")]
    down: Weight<f, d>,
    #[hf("mlp.c_proj.bias")]
    #[gguf("blk.*.ffn_down.bias")]
    down_bias: Weight<d>,
) -> Act<b, s, d> {
    let h = store(gelu_tanh(dot::<d>(x, up) + up_bias));
    let y = dot::<f>(h, down) + down_bias;
    y
}
