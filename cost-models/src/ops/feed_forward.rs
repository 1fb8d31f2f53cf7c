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
        $(, $sub_norm:ident, $sub:tt, $sub_gguf:tt)?
    ) => {
        $(#[$doc])*
        ///
        /// `bias` is 1 where all three projections have biases, `gelu` where the activation is GELU in its tanh form
        /// rather than SiLU, `relu2` where it is the square of ReLU (arXiv:2109.08668), `limited` where both factors are
        /// cut off and 1 is added to the second (gpt-oss).
        #[cost(part = ffn, silu = (1 - gelu) * (1 - relu2))]
        pub fn $name<b, s, d, f, bias, gelu, relu2, silu, limited $(, $sub_norm)?>(
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
            $(
                #[part(norm)]
                #[hf($sub)]
                #[gguf($sub_gguf)]
                inner_norm: Weight<f>,
            )?
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
            }
            if relu2 {
                g = square(relu(g));
            }
            if silu {
                g = silu(g);
            }
            let h = store(g * u);
            $(
                if $sub_norm {
                    h = rms_norm::<f>(h) * inner_norm;
                }
            )?
            let y = dot::<f>(h, down);
            if bias {
                y = y + down_bias;
            }
            y
        }
    };
}

gated! {
    /// The feed-forward network of a dense layer (SwiGLU and GeGLU, arXiv:2002.05202). Where `sub_norm` is 1, what goes into
    /// the last projection is normalised (BitNet, arXiv:2504.12285).
    GatedMlp,
    "mlp.gate_proj.weight", "blk.*.ffn_gate.weight",
    "mlp.gate_proj.bias", "blk.*.ffn_gate.bias",
    "mlp.up_proj.weight", "blk.*.ffn_up.weight",
    "mlp.up_proj.bias", "blk.*.ffn_up.bias",
    "mlp.down_proj.weight", "blk.*.ffn_down.weight",
    "mlp.down_proj.bias", "blk.*.ffn_down.bias",
    sub_norm, "mlp.ffn_sub_norm.weight", "blk.*.ffn_sub_norm.weight"
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

/// Feed-forward network of two products with a function between them (arXiv:1606.08415). Biases where `bias` is 1. Two
/// kernels.
///
/// Axes that are 0 or 1 choose the function: `gelu` (in its tanh form), `gelu_erf`, `relu`, `relu2` (its square,
/// arXiv:2109.08668), `silu`, `xielu` (arXiv:2411.13010: a square above 0, an exponential below, each with a learned weight).
#[cost(part = ffn)]
pub fn UngatedMlp<b, s, d, f, bias, gelu, gelu_erf, relu, relu2, silu, xielu>(
    x: Act<b, s, d>,
    #[hf("mlp.up_proj.weight")]
    #[gguf("blk.*.ffn_up.weight")]
    up: Weight<d, f>,
    #[hf("mlp.up_proj.bias")]
    #[gguf("blk.*.ffn_up.bias")]
    up_bias: Weight<f>,
    #[hf("mlp.down_proj.weight")]
    #[gguf("blk.*.ffn_down.weight")]
    down: Weight<f, d>,
    #[hf("mlp.down_proj.bias")]
    #[gguf("blk.*.ffn_down.bias")]
    down_bias: Weight<d>,
    #[hf("mlp.act_fn.alpha_p")] above: Weight,
    #[hf("mlp.act_fn.alpha_n")] below: Weight,
) -> Act<b, s, d> {
    let z = dot::<d>(x, up);
    if bias {
        z = z + up_bias;
    }
    if gelu {
        z = gelu_tanh(z);
    }
    if gelu_erf {
        z = gelu(z);
    }
    if relu {
        z = relu(z);
    }
    if relu2 {
        z = square(relu(z));
    }
    if silu {
        z = silu(z);
    }
    if xielu {
        let rest = exp(minimum(z, 0.0)) - 1.0 - minimum(z, 0.0);
        z = softplus(above) * square(relu(z)) + (softplus(below) + 0.5) * rest + scale(z);
    }
    let h = store(z);
    let y = dot::<f>(h, down);
    if bias {
        y = y + down_bias;
    }
    y
}
