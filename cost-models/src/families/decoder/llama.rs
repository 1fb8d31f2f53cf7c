//! Llama 1, 2 and 3, and Mistral.

use super::read::Defaults;
use super::{Decoder, Kind, kinds, model, positions, sizes, windowed};
use crate::config::Fields;
use crate::error::Error;
use crate::families::activation::SILU;
use crate::model::Model;

pub(crate) fn read(fields: &mut Fields) -> Result<Model, Error> {
    fields.only("hidden_act", "silu", SILU)?;
    let sizes = sizes(fields, Defaults::default())?;
    let bias = u64::from(fields.flag("attention_bias", false)?);
    let mlp_bias = u64::from(fields.flag("mlp_bias", false)?);
    let (f, tied) = (fields.size("intermediate_size")?, u64::from(fields.flag("tie_word_embeddings", false)?));
    let decoder = Decoder { f, qkv_bias: bias, o_bias: bias, mlp_bias, tied, ..sizes.decoder() };
    let kinds = kinds(fields, sizes.layers, &[Kind::Full], |_| Kind::Full)?;
    Ok(model(positions(&decoder, &kinds, |_| false)?))
}

/// All layers have the window, if there is one.
pub(crate) fn read_mistral(fields: &mut Fields) -> Result<Model, Error> {
    fields.only("hidden_act", "silu", SILU)?;
    let sizes = sizes(fields, Defaults { kv_heads: Some(8), ..Defaults::default() })?;
    // A config that leaves the window out means the default, null means none.
    let window = if fields.has("sliding_window") {
        fields.optional_size("sliding_window")?
    } else {
        Some(fields.size_or("sliding_window", Some(4096))?)
    };
    let (f, tied) = (fields.size("intermediate_size")?, u64::from(fields.flag("tie_word_embeddings", false)?));
    let decoder = Decoder { f, tied, w: window.unwrap_or(1), ..sizes.decoder() };
    let kinds = windowed(fields, sizes.layers, window)?;
    Ok(model(positions(&decoder, &kinds, |_| false)?))
}
