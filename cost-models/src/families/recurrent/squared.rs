//! Networks of two products with a squared ReLU between them (arXiv:2109.08668), alone or as experts (Nemotron-H, arXiv:2504.03624).

use cost_macros::cost;

use crate::ops::RmsNorm;

/// Two products with a squared ReLU between them; `bias` is 1 where both have biases.
macro_rules! squared {
    ($(#[$doc:meta])* $name:ident, $up:tt, $up_gguf:tt, $up_bias:tt, $up_bias_gguf:tt, $down:tt, $down_gguf:tt, $down_bias:tt, $down_bias_gguf:tt) => {
        $(#[$doc])*
        #[cost(part = ffn)]
        pub fn $name<b, s, d, f, bias>(
            x: Act<b, s, d>,
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
            let u = dot::<d>(x, up);
            if bias {
                u = u + up_bias;
            }
            let h = store(square(relu(u)));
            let y = dot::<f>(h, down);
            if bias {
                y = y + down_bias;
            }
            y
        }
    };
}

squared! {
    /// Two products with a squared ReLU between them (arXiv:2109.08668); `bias` is 1 where both have biases.
    SquaredMlp,
    "mixer.up_proj.weight", "blk.*.ffn_up.weight", "mixer.up_proj.bias", "blk.*.ffn_up.bias",
    "mixer.down_proj.weight", "blk.*.ffn_down.weight", "mixer.down_proj.bias", "blk.*.ffn_down.bias"
}

squared! {
    /// [`SquaredMlp`] as one of the routed experts of a mixture.
    SquaredExpert,
    "mixer.experts.*.up_proj.weight", "blk.*.ffn_up_exps.weight",
    "mixer.experts.*.up_proj.bias", "blk.*.ffn_up_exps.bias",
    "mixer.experts.*.down_proj.weight", "blk.*.ffn_down_exps.weight",
    "mixer.experts.*.down_proj.bias", "blk.*.ffn_down_exps.bias"
}

squared! {
    /// [`SquaredMlp`] as the part of a mixture that all tokens go through.
    SquaredShared,
    "mixer.shared_experts.up_proj.weight", "blk.*.ffn_up_shexp.weight",
    "mixer.shared_experts.up_proj.bias", "blk.*.ffn_up_shexp.bias",
    "mixer.shared_experts.down_proj.weight", "blk.*.ffn_down_shexp.weight",
    "mixer.shared_experts.down_proj.bias", "blk.*.ffn_down_shexp.bias"
}

/// A layer of [`SquaredMlp`] alone, on a normalised input and added to it.
#[cost(part = ffn)]
pub fn SquaredFeedForward<b, s, d, f, mlp_bias>(
    x: Act<b, s, d>,
    #[part(norm)]
    #[hf("norm.weight")]
    #[gguf("blk.*.attn_norm.weight")]
    norm: Weight<d>,
) -> Act<b, s, d> {
    let ffn_in = RmsNorm { b, s, d }(x, norm);
    let ffn = SquaredMlp { b, s, d, f, bias: mlp_bias }(ffn_in);
    let ffn_out = x + ffn;
    ffn_out
}

/// A layer of a mixture alone: `top` of `e` experts of width `m`, chosen by sigmoids with a correction, and one that all
/// tokens share, of width `z`; on a normalised input and added to it. `mlp_bias` is 1 where the shared one has biases.
#[cost(part = ffn)]
pub fn SquaredMoe<b, s, d, e, top, m, z, mlp_bias>(
    x: Act<b, s, d>,
    #[part(norm)]
    #[hf("norm.weight")]
    #[gguf("blk.*.attn_norm.weight")]
    norm: Weight<d>,
    #[hf("mixer.gate.weight")]
    #[gguf("blk.*.ffn_gate_inp.weight")]
    router: Weight<d, e>,
    #[part(buffer)]
    #[hf("mixer.gate.e_score_correction_bias")]
    #[gguf("blk.*.exp_probs_b.bias")]
    #[format(f32)]
    score_correction: Weight<e>,
) -> Act<b, s, d> {
    let ffn_in = RmsNorm { b, s, d }(x, norm);
    let gates = sigmoid(dot::<d>(ffn_in, router)) + score_correction;
    let routed = experts::<e, top>(SquaredExpert { b, s, d, f: m, bias: 0 }(ffn_in), gates);
    let own = SquaredShared { b, s, d, f: z, bias: mlp_bias }(ffn_in);
    let ffn_out = x + routed + own;
    ffn_out
}

/// [`SquaredMoe`] whose experts work on a narrower vector of width `c`, made of the token before them and widened after.
#[cost(part = ffn)]
pub fn LatentSquaredMoe<b, s, d, c, e, top, m, z, mlp_bias>(
    x: Act<b, s, d>,
    #[part(norm)]
    #[hf("norm.weight")]
    #[gguf("blk.*.attn_norm.weight")]
    norm: Weight<d>,
    #[hf("mixer.gate.weight")]
    #[gguf("blk.*.ffn_gate_inp.weight")]
    router: Weight<d, e>,
    #[part(buffer)]
    #[hf("mixer.gate.e_score_correction_bias")]
    #[gguf("blk.*.exp_probs_b.bias")]
    #[format(f32)]
    score_correction: Weight<e>,
    #[hf("mixer.fc1_latent_proj.weight")]
    #[gguf("blk.*.ffn_latent_down.weight")]
    narrow: Weight<d, c>,
    #[hf("mixer.fc1_latent_proj.bias")]
    #[gguf("blk.*.ffn_latent_down.bias")]
    narrow_bias: Weight<c>,
    #[hf("mixer.fc2_latent_proj.weight")]
    #[gguf("blk.*.ffn_latent_up.weight")]
    widen: Weight<c, d>,
    #[hf("mixer.fc2_latent_proj.bias")]
    #[gguf("blk.*.ffn_latent_up.bias")]
    widen_bias: Weight<d>,
) -> Act<b, s, d> {
    let ffn_in = RmsNorm { b, s, d }(x, norm);
    let gates = sigmoid(dot::<d>(ffn_in, router)) + score_correction;
    let low = dot::<d>(ffn_in, narrow);
    if mlp_bias {
        low = low + narrow_bias;
    }
    let latent = store(low);
    let routed = experts::<e, top>(SquaredExpert { b, s, d: c, f: m, bias: 0 }(latent), gates);
    let wide = dot::<c>(routed, widen);
    if mlp_bias {
        wide = wide + widen_bias;
    }
    let own = SquaredShared { b, s, d, f: z, bias: mlp_bias }(ffn_in);
    let ffn_out = x + wide + own;
    ffn_out
}
