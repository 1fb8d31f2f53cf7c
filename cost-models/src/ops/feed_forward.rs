//! Feed-forward networks.

use cost_macros::cost;

/// Gated feed-forward network with SiLU (SwiGLU, arXiv:2002.05202): two kernels, the product of gate and up stored
/// between them.
#[cost(part = ffn)]
pub fn SwiGlu<b, s, d, f>(
    x: Act<b, s, d>,
    #[hf("mlp.gate_proj.weight")]
    #[gguf("blk.*.ffn_gate.weight")]
    gate: Weight<d, f>,
    #[hf("mlp.up_proj.weight")]
    #[gguf("blk.*.ffn_up.weight")]
    up: Weight<d, f>,
    #[hf("mlp.down_proj.weight")]
    #[gguf("blk.*.ffn_down.weight")]
    down: Weight<f, d>,
) -> Act<b, s, d> {
    let h = store(silu(dot::<d>(x, gate)) * dot::<d>(x, up));
    dot::<f>(h, down)
}

/// A gated feed-forward network: `x·up` weighed by an activation of `x·gate`, then `down`. Two kernels.
macro_rules! gated {
    (
        $(#[$doc:meta])* $name:ident,
        $gate:tt, $gate_gguf:tt, $gate_bias:tt, $gate_bias_gguf:tt, $up:tt, $up_gguf:tt, $up_bias:tt, $up_bias_gguf:tt,
        $down:tt, $down_gguf:tt, $down_bias:tt, $down_bias_gguf:tt
    ) => {
        $(#[$doc])*
        ///
        /// `bias` is 1 where all three projections have biases, `gelu` where the activation is GELU in its tanh form
        /// rather than SiLU, `limited` where both factors are cut off and 1 is added to the second (gpt-oss).
        #[cost(part = ffn)]
        pub fn $name<b, s, d, f, bias, gelu, limited>(
            x: Act<b, s, d>,
            #[hf($gate)]
            #[gguf($gate_gguf)]
            gate: Weight<d, f>,
            #[hf($gate_bias)]
            #[gguf($gate_bias_gguf)]
            gate_bias: Weight<f>,
            #[hf($up)]
            #[gguf($up_gguf)]
            up: Weight<d, f>,
            #[hf($up_bias)]
            #[gguf($up_bias_gguf)]
            up_bias: Weight<f>,
            #[hf($down)]
            #[gguf($down_gguf)]
            down: Weight<f, d>,
            #[hf($down_bias)]
            #[gguf($down_bias_gguf)]
            down_bias: Weight<d>,
        ) -> Act<b, s, d> {
            let g = dot::<d>(x, gate);
            let u = dot::<d>(x, up);
            if bias {
                g = g + gate_bias;
                u = u + up_bias;
            }
            if limited {
                g = clamp(g);
                u = clamp(u) + 1.0;
            }
            if gelu {
                g = gelu_tanh(g);
            } else {
                g = silu(g);
            }
            let h = store(g * u);
            let y = dot::<f>(h, down);
            if bias {
                y = y + down_bias;
            }
            y
        }
    };
}

gated! {
    /// The feed-forward network of a dense layer (SwiGLU and GeGLU, arXiv:2002.05202).
    GatedMlp,
    "mlp.gate_proj.weight", "blk.*.ffn_gate.weight",
    "mlp.gate_proj.bias", "blk.*.ffn_gate.bias",
    "mlp.up_proj.weight", "blk.*.ffn_up.weight",
    "mlp.up_proj.bias", "blk.*.ffn_up.bias",
    "mlp.down_proj.weight", "blk.*.ffn_down.weight",
    "mlp.down_proj.bias", "blk.*.ffn_down.bias"
}

gated! {
    /// One of the routed experts of a mixture.
    Expert,
    "mlp.experts.*.gate_proj.weight", "blk.*.ffn_gate_exps.weight",
    "mlp.experts.*.gate_proj.bias", "blk.*.ffn_gate_exps.bias",
    "mlp.experts.*.up_proj.weight", "blk.*.ffn_up_exps.weight",
    "mlp.experts.*.up_proj.bias", "blk.*.ffn_up_exps.bias",
    "mlp.experts.*.down_proj.weight", "blk.*.ffn_down_exps.weight",
    "mlp.experts.*.down_proj.bias", "blk.*.ffn_down_exps.bias"
}

gated! {
    /// The part of a mixture that all tokens go through.
    SharedExpert,
    "mlp.shared_expert.gate_proj.weight", "blk.*.ffn_gate_shexp.weight",
    "mlp.shared_expert.gate_proj.bias", "blk.*.ffn_gate_shexp.bias",
    "mlp.shared_expert.up_proj.weight", "blk.*.ffn_up_shexp.weight",
    "mlp.shared_expert.up_proj.bias", "blk.*.ffn_up_shexp.bias",
    "mlp.shared_expert.down_proj.weight", "blk.*.ffn_down_shexp.weight",
    "mlp.shared_expert.down_proj.bias", "blk.*.ffn_down_shexp.bias"
}

/// Feed-forward network of two products with a function between them: GELU by the error function where `gelu` is 1, in its
/// tanh form where `gelu_tanh` is (arXiv:1606.08415), ReLU where `relu` is. Biases where `bias` is 1. Two kernels.
#[cost(part = ffn)]
pub fn Mlp<b, s, d, f, bias, gelu, gelu_tanh, relu>(
    x: Act<b, s, d>,
    #[hf("fc1.weight")]
    #[gguf("blk.*.ffn_up.weight")]
    up: Weight<d, f>,
    #[hf("fc1.bias")]
    #[gguf("blk.*.ffn_up.bias")]
    up_bias: Weight<f>,
    #[hf("fc2.weight")]
    #[gguf("blk.*.ffn_down.weight")]
    down: Weight<f, d>,
    #[hf("fc2.bias")]
    #[gguf("blk.*.ffn_down.bias")]
    down_bias: Weight<d>,
) -> Act<b, s, d> {
    let z = dot::<d>(x, up);
    if bias {
        z = z + up_bias;
    }
    if gelu {
        z = gelu(z);
    }
    if gelu_tanh {
        z = gelu_tanh(z);
    }
    if relu {
        z = relu(z);
    }
    let h = store(z);
    let y = dot::<f>(h, down);
    if bias {
        y = y + down_bias;
    }
    y
}
