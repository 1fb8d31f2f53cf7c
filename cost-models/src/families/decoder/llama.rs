//! Llama 1, 2 and 3, and Mistral.

use super::read::Defaults;
use super::{Decoder, Kind, kinds, model, positions, sizes};
use crate::config::Fields;
use crate::error::Error;
use crate::model::Model;

pub(crate) fn read(fields: &mut Fields) -> Result<Model, Error> {
    fields.only("hidden_act", "silu", &["silu"])?;
    let sizes = sizes(fields, Defaults::default())?;
    let bias = u64::from(fields.flag("attention_bias", false)?);
    let mlp_bias = u64::from(fields.flag("mlp_bias", false)?);
    let (f, tied) = (fields.size("intermediate_size")?, u64::from(fields.flag("tie_word_embeddings", false)?));
    let decoder = Decoder { f, qkv_bias: bias, o_bias: bias, mlp_bias, tied, ..sizes.decoder() };
    let kinds = vec![Kind::Full; usize::try_from(sizes.layers).unwrap_or_default()];
    Ok(model(positions(&decoder, &kinds, |_| false)?))
}

/// All layers have the window, if there is one.
pub(crate) fn read_mistral(fields: &mut Fields) -> Result<Model, Error> {
    fields.only("hidden_act", "silu", &["silu"])?;
    let sizes = sizes(fields, Defaults { kv_heads: Some(8), ..Defaults::default() })?;
    // A config that leaves the window out means the default, null means none.
    let window = if fields.has("sliding_window") { fields.optional_size("sliding_window")? } else { Some(4096) };
    let (f, tied) = (fields.size("intermediate_size")?, u64::from(fields.flag("tie_word_embeddings", false)?));
    let decoder = Decoder { f, tied, w: window.unwrap_or(1), ..sizes.decoder() };
    let kind = if window.is_some() { Kind::Sliding } else { Kind::Full };
    let kinds = kinds(fields, sizes.layers, |_| kind)?;
    Ok(model(positions(&decoder, &kinds, |_| false)?))
}
