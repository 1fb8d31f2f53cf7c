//! GPT-NeoX (arXiv:2204.06745), Pythia and RedPajama-INCITE: rotary positions, attention beside the network. Defaults as in
//! transformers' `configuration_gpt_neox.py`.

use super::{COMMON, GptDecoder, layers, names};
use crate::config::Fields;
use crate::error::Error;
use crate::families::activation::Activation;
use crate::model::Model;

pub(crate) fn read(fields: &mut Fields) -> Result<Model, Error> {
    // How much of a head is rotated changes no shape, but can't be more than all of it.
    fields.share("rotary_pct")?;
    fields.passed(&["rotary_emb_base", "classifier_dropout", "is_decoder"]);
    let d = fields.size_or("hidden_size", Some(6144))?;
    let heads = fields.size_or("num_attention_heads", Some(64))?;
    let [gelu, gelu_tanh, relu] = Activation::read(fields, "hidden_act", Activation::Gelu)?.axes();
    let decoder = GptDecoder {
        d,
        n: heads,
        k: Fields::quotient(("hidden_size", d), ("num_attention_heads", heads))?,
        f: fields.size_or("intermediate_size", Some(24_576))?,
        v: fields.size_or("vocab_size", Some(50_432))?,
        l: layers(fields, &["num_hidden_layers"], Some(44))?,
        rotary: 1,
        attn_bias: fields.axis("attention_bias", true)?,
        parallel: fields.axis("use_parallel_residual", true)?,
        gelu,
        gelu_tanh,
        relu,
        tied: fields.axis("tie_word_embeddings", false)?,
        ..COMMON
    };
    Ok(Model::new(&decoder).named_by(names::GPT_NEOX))
}
