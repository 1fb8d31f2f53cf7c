//! GPT-2, and GPT-BigCode (StarCoder, arXiv:2305.06161), which is GPT-2 with one key/value head: learned positions, norms
//! before, biases everywhere. Defaults as in transformers' `configuration_gpt2.py` and `configuration_gpt_bigcode.py`.

use super::{COMMON, GptDecoder, layers, names};
use crate::config::Fields;
use crate::error::Error;
use crate::families::activation::Activation;
use crate::model::Model;

pub(crate) fn read(fields: &mut Fields) -> Result<Model, Error> {
    fields.passed(&["n_ctx"]);
    let (head, heads) = heads(fields)?;
    fields.same("num_key_value_heads", heads, head)?;
    Ok(Model::new(&decoder(fields, heads, 1)?).named_by(names::GPT2))
}

pub(crate) fn read_bigcode(fields: &mut Fields) -> Result<Model, Error> {
    let (_, heads) = heads(fields)?;
    let (n, g) = if fields.flag("multi_query", true)? { (1, heads) } else { (heads, 1) };
    fields.same("num_key_value_heads", n, "multi_query")?;
    // How softmax is computed, and what an earlier implementation allocated beforehand.
    fields.passed(&["attention_softmax_in_fp32", "scale_attention_softmax_in_fp32", "runner_max_sequence_length"]);
    fields.passed(&["inference_runner", "validate_runner_input", "pre_allocate_kv_cache", "max_batch_size"]);
    Ok(Model::new(&decoder(fields, n, g)?).named_by(names::GPT2))
}

fn heads(fields: &mut Fields) -> Result<(&'static str, u64), Error> {
    fields.size_by(&["n_head", "num_attention_heads"], Some(12))
}

fn decoder(fields: &mut Fields, n: u64, g: u64) -> Result<GptDecoder, Error> {
    fields.off("add_cross_attention")?;
    let (width, head) = (fields.size_by(&["n_embd", "hidden_size"], Some(768))?, heads(fields)?);
    let f = match fields.optional_size("n_inner")? {
        Some(f) => f,
        None => Fields::times(4, width)?,
    };
    let [gelu, gelu_tanh, relu] = Activation::read(fields, "activation_function", Activation::GeluTanh)?.axes();
    Ok(GptDecoder {
        d: width.1,
        n,
        g,
        k: Fields::quotient(width, head)?,
        f,
        v: fields.size_or("vocab_size", Some(50_257))?,
        m: fields.size_by(&["n_positions", "max_position_embeddings"], Some(1024))?.1,
        l: layers(fields, &["n_layer", "num_hidden_layers"], Some(12))?,
        learned: 1,
        gelu,
        gelu_tanh,
        relu,
        tied: fields.axis("tie_word_embeddings", true)?,
        ..COMMON
    })
}
