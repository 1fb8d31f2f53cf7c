//! GPT-2 and the decoders of its form: LayerNorm, networks of two products, biases. GPT-BigCode, OPT, BLOOM, Falcon and
//! GPT-NeoX differ in what a few axes of one layer say.

mod bloom;
mod decoder;
mod falcon;
mod gpt2;
mod gpt_neox;
mod layer;
mod names;
mod opt;

pub use decoder::{GptDecoder, ProjectedGptDecoder};
pub use layer::GptLayer;

pub(crate) use bloom::read as read_bloom;
pub(crate) use falcon::{read as read_falcon, read_refined_web, read_refined_web_model};
pub(crate) use gpt_neox::read as read_gpt_neox;
pub(crate) use gpt2::{read as read_gpt2, read_bigcode};
pub(crate) use opt::read as read_opt;

use super::decoder::MOST_LAYERS;
use crate::config::Fields;
use crate::error::Error;

/// Reads the number of layers, which goes by several names.
pub(crate) fn layers(fields: &mut Fields, names: &[&'static str], default: Option<u64>) -> Result<u64, Error> {
    let (field, layers) = fields.size_by(names, default)?;
    if layers > MOST_LAYERS {
        return Err(Error::field(field, layers.to_string(), format!("at most {MOST_LAYERS}")));
    }
    Ok(layers)
}

/// What the model types have in common: norms before attention and the network, one after the other, norms with weights. The
/// workload sets `b`, `s`, `t` and `o`.
const COMMON: GptDecoder = GptDecoder {
    b: 1,
    s: 1,
    t: 1,
    o: 1,
    d: 1,
    n: 1,
    g: 1,
    k: 1,
    f: 1,
    v: 1,
    m: 1,
    l: 1,
    learned: 0,
    rotary: 0,
    alibi: 0,
    embed_norm: 0,
    attn_bias: 1,
    mlp_bias: 1,
    affine: 1,
    parallel: 0,
    mlp_norm: 1,
    post_norm: 0,
    final_norm: 1,
    gelu: 0,
    gelu_tanh: 0,
    relu: 0,
    tied: 1,
};
