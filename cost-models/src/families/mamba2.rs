//! Mamba-2: a stack of state spaces, without attention and feed-forward networks.

use cost_macros::cost;

use super::decoder::read;
use crate::config::Fields;
use crate::error::Error;
use crate::families::activation::SILU;
use crate::model::Model;
use crate::note::Note;
use crate::ops::{LmHead, Mamba2Mixer, RmsNorm};

/// A decoder of `l` mixers with `g` groups of `h` heads of `p` numbers, each with a state of `n`, and `w` taps.
///
/// It has no axis of all tokens: a step costs the same however many came before. `bias`, `conv_bias` and `tied` are 1
/// where the projections or the convolution have biases, and where the head is the embedding table.
#[cost]
pub fn Mamba2<b, s, o, d, g, h, p, n, w, v, l, bias, conv_bias, tied>(
    ids: Ids<b, s>,
    #[part(embedding)]
    #[hf("backbone.embeddings.weight")]
    #[gguf("token_embd.weight")]
    embed: Weight<v, d>,
    #[part(norm)]
    #[hf("backbone.norm_f.weight")]
    #[gguf("output_norm.weight")]
    norm: Weight<d>,
    #[part(lm_head)]
    #[hf("lm_head.weight")]
    #[gguf("output.weight")]
    #[tied(embed, tied)]
    head: Weight<v, d>,
) -> Act<b, o, v> {
    let embedded = gather::<v>(embed, ids);
    let x = embedded;
    for _ in 0..l {
        x = Mamba2Mixer { .. }(x);
    }
    let head_in = RmsNorm { b, s, d }(x, norm);
    LmHead { b, s, o, d, v }(head_in, head)
}

/// Reads a config of `Mamba2Config`, whose defaults are those of the first model in this format (Codestral).
pub(crate) fn read(fields: &mut Fields) -> Result<Model, Error> {
    fields.only("hidden_act", "silu", SILU)?;
    if !fields.flag("rms_norm", true)? {
        return Err(Error::field("rms_norm", "false".to_owned(), "true".to_owned()));
    }
    // How long a chunk of the scan is, how steps were drawn before training, and which of two factors comes first.
    fields.passed(&["chunk_size", "norm_before_gate", "rescale_prenorm_residual"]);
    fields.passed(&["time_step_floor", "time_step_init_scheme", "time_step_limit", "time_step_max", "time_step_min"]);
    fields.passed(&["time_step_rank", "time_step_scale"]);
    let d = fields.size_or("hidden_size", Some(4096))?;
    let l = read::layers(fields, Some(64))?;
    let (heads, p) = (fields.size_or("num_heads", Some(128))?, fields.size_or("head_dim", Some(64))?);
    let inner = Fields::product(("expand", fields.size_or("expand", Some(2))?), ("hidden_size", d))?;
    if heads.checked_mul(p) != Some(inner) {
        let expected = format!("the head size that makes num_heads, {heads}, as wide as expand · hidden_size, {inner}");
        return Err(Error::field("head_dim", p.to_string(), expected));
    }
    fields.same("intermediate_size", inner, "expand · hidden_size")?;
    let g = fields.size_or("n_groups", Some(8))?;
    let h = Fields::quotient(("num_heads", heads), ("n_groups", g))?;
    let (n, w) = (fields.size_or("state_size", Some(128))?, fields.size_or("conv_kernel", Some(4))?);
    let v = fields.size_or("vocab_size", Some(32_768))?;
    if let Some(multiple) = fields.optional_size("pad_vocab_size_multiple")? {
        Fields::quotient(("vocab_size", v), ("pad_vocab_size_multiple", multiple))?;
    }
    let wide = fields.flag("residual_in_fp32", true)?;
    let bias = u64::from(fields.flag("use_bias", false)?);
    let conv_bias = u64::from(fields.flag("use_conv_bias", true)?);
    let tied = u64::from(fields.flag("tie_word_embeddings", false)?);
    let model = Model::new(&Mamba2 { b: 1, s: 1, o: 1, d, g, h, p, n, w, v, l, bias, conv_bias, tied });
    let note =
        Note::new("residual_in_fp32 is left out: activations all have the given format").about("residual_in_fp32");
    Ok(if wide { model.noted(note) } else { model })
}
