//! Mixtral: every feed-forward network is a mixture.

use super::read::Defaults;
use super::{Decoder, model, positions, sizes, windowed};
use crate::config::Fields;
use crate::error::Error;
use crate::families::activation::SILU;
use crate::model::Model;

pub(crate) fn read(fields: &mut Fields) -> Result<Model, Error> {
    fields.only("hidden_act", "silu", SILU)?;
    let sizes = sizes(fields, Defaults { kv_heads: Some(8), ..Defaults::default() })?;
    let (e, top) = fields.experts("num_local_experts", "num_experts_per_tok", (Some(8), Some(2)))?;
    let (m, window) = (fields.size("intermediate_size")?, fields.optional_size("sliding_window")?);
    let tied = u64::from(fields.flag("tie_word_embeddings", false)?);
    let decoder = Decoder { e, top, m, tied, w: window.unwrap_or(1), ..sizes.decoder() };
    let kinds = windowed(fields, sizes.layers, window)?;
    Ok(model(positions(&decoder, &kinds, |_| true)?))
}
