//! Falcon (arXiv:2311.16867): one key/value head or a few, attention beside the network, no biases. Defaults as in
//! transformers' `configuration_falcon.py`, what they mean as in `modeling_falcon.py`. Files from before Falcon was part of
//! transformers call themselves RefinedWeb (40B) and RefinedWebModel (the others), with defaults of their own.

use super::{COMMON, GptDecoder, names};
use crate::config::Fields;
use crate::error::Error;
use crate::families::activation::Activation;
use crate::model::Model;

pub(crate) fn read(fields: &mut Fields) -> Result<Model, Error> {
    decoder(
        fields,
        &Defaults { grouped: false, multi_query: true, parallel: true, sizes: [4544, 71, 32, 65_024].map(Some) },
    )
}

pub(crate) fn read_refined_web(fields: &mut Fields) -> Result<Model, Error> {
    decoder(fields, &Defaults { grouped: true, multi_query: false, parallel: true, sizes: [None; 4] })
}

pub(crate) fn read_refined_web_model(fields: &mut Fields) -> Result<Model, Error> {
    decoder(fields, &Defaults { grouped: false, multi_query: false, parallel: false, sizes: [None; 4] })
}

/// What a config means that leaves it out.
struct Defaults {
    /// `new_decoder_architecture`
    grouped: bool,
    multi_query: bool,
    /// `parallel_attn`
    parallel: bool,
    /// Width, heads, layers, vocabulary.
    sizes: [Option<u64>; 4],
}

fn decoder(fields: &mut Fields, defaults: &Defaults) -> Result<Model, Error> {
    // Whether the normalised input is what is added: the same sum.
    fields.passed(&["apply_residual_connection_post_layernorm"]);
    let [width, heads, layers, vocab] = defaults.sizes;
    let width = fields.size_by(&["hidden_size", "n_embed"], width)?;
    let head = fields.size_by(&["num_attention_heads", "n_head"], heads)?;
    let grouped = fields.flag("new_decoder_architecture", defaults.grouped)?;
    let n = key_value_heads(fields, grouped, defaults.multi_query, head)?;
    let four = Fields::times(4, width)?;
    let f = fields.optional_size("ffn_hidden_size")?.unwrap_or(four);
    let bias = fields.axis("bias", false)?;
    let alibi = fields.axis("alibi", false)?;
    let [parallel, mlp_norm] = block(fields, grouped, defaults.parallel)?;
    let [gelu, gelu_tanh, relu] = Activation::read(fields, "activation", Activation::Gelu)?.axes();
    let decoder = GptDecoder {
        d: width.1,
        n,
        g: Fields::quotient(head, ("num_kv_heads", n))?,
        k: Fields::quotient(width, head)?,
        f,
        v: fields.size_or("vocab_size", vocab)?,
        l: super::layers(fields, &["num_hidden_layers", "n_layer"], layers)?,
        rotary: 1 - alibi,
        alibi,
        attn_bias: bias,
        mlp_bias: bias,
        parallel,
        mlp_norm,
        gelu,
        gelu_tanh,
        relu,
        tied: fields.axis("tie_word_embeddings", true)?,
        ..COMMON
    };
    let two_norms = parallel == 1 && mlp_norm == 1;
    Ok(Model::new(&decoder).named_by(if two_norms { names::FALCON_TWO_NORMS } else { names::FALCON }))
}

/// `num_kv_heads` counts in the new architecture only: elsewhere there is one head, or one for each query head, and
/// released files have numbers there that mean nothing.
fn key_value_heads(
    fields: &mut Fields,
    grouped: bool,
    multi_query: bool,
    head: (&'static str, u64),
) -> Result<u64, Error> {
    let given = fields.optional_size_by(&["num_kv_heads", "n_head_kv"])?;
    match (grouped, fields.flag("multi_query", multi_query)?) {
        (true, _) => Ok(given.map_or(head.1, |(_, n)| n)),
        (false, true) => Ok(1),
        (false, false) => match given {
            Some((field, n)) if n != head.1 => {
                let expected = format!("{}, as {} has it, where multi_query is false", head.1, head.0);
                Err(Error::field(field, n.to_string(), expected))
            }
            _ => Ok(head.1),
        },
    }
}

/// The axes `parallel` and `mlp_norm`. Transformers builds other combinations of the fields, but can't run them.
fn block(fields: &mut Fields, grouped: bool, parallel: bool) -> Result<[u64; 2], Error> {
    let parallel = fields.flag("parallel_attn", parallel)?;
    let norms = fields.optional_size("num_ln_in_parallel_attn")?;
    let wrong = |field: &str, found: String, expected: &str| Err(Error::field(field, found, expected.to_owned()));
    match (grouped, parallel, norms) {
        (true, false, _) => wrong("parallel_attn", "false".to_owned(), "true, as new_decoder_architecture is"),
        (true, true, None | Some(2)) => Ok([1, 1]),
        (true, true, Some(1)) | (false, true, None | Some(1)) => Ok([1, 0]),
        (true, true, Some(norms)) => wrong("num_ln_in_parallel_attn", norms.to_string(), "1 or 2"),
        (false, true, Some(norms)) => {
            wrong("num_ln_in_parallel_attn", norms.to_string(), "1, as new_decoder_architecture is false")
        }
        (false, false, _) => Ok([0, 1]),
    }
}
