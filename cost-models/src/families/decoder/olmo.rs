//! OLMo 2: norms after each half of a layer instead of before, and of queries and keys over all heads.

use super::read::Defaults;
use super::{Decoder, Kind, kinds, model, positions, sizes};
use crate::config::Fields;
use crate::error::Error;
use crate::families::activation::SILU;
use crate::model::Model;

pub(crate) fn read_2(fields: &mut Fields) -> Result<Model, Error> {
    fields.only("hidden_act", "silu", SILU)?;
    let sizes = sizes(fields, Defaults::default())?;
    let bias = u64::from(fields.flag("attention_bias", false)?);
    let (f, tied) = (fields.size("intermediate_size")?, u64::from(fields.flag("tie_word_embeddings", false)?));
    let norms = Decoder { pre_norm: 0, post_norm: 1, wide_norm: 1, ..sizes.decoder() };
    let decoder = Decoder { f, qkv_bias: bias, o_bias: bias, tied, ..norms };
    let kinds = kinds(fields, sizes.layers, &[Kind::Full], |_| Kind::Full)?;
    Ok(model(positions(&decoder, &kinds, |_| false)?))
}
