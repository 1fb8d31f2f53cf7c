//! Phi-3 and Phi-4: Llama's form with joined projections.

use super::read::Defaults;
use super::{Decoder, model, positions, sizes, windowed};
use crate::config::Fields;
use crate::error::Error;
use crate::families::activation::SILU;
use crate::model::Model;

pub(crate) fn read(fields: &mut Fields) -> Result<Model, Error> {
    fields.only("hidden_act", "silu", SILU)?;
    // Its class has no biases, whatever the field says.
    fields.passed(&["attention_bias", "full_attn_mod", "interpolate_factor"]);
    let sizes = sizes(fields, Defaults::default())?;
    let (f, window) = (fields.size("intermediate_size")?, fields.optional_size("sliding_window")?);
    let tied = u64::from(fields.flag("tie_word_embeddings", false)?);
    let decoder = Decoder { f, tied, w: window.unwrap_or(1), ..sizes.decoder() };
    let kinds = windowed(fields, sizes.layers, window)?;
    Ok(model(positions(&decoder, &kinds, |_| false)?))
}
