//! Llama 4, the text part: chunked attention but for every fourth layer, mixtures of one expert beside a shared one.

use super::layers::same_length;
use super::read::Defaults;
use super::{Decoder, Kind, among, kinds, model, positions, sizes};
use crate::config::Fields;
use crate::error::Error;
use crate::families::activation::SILU;
use crate::model::Model;

pub(crate) fn read_text(fields: &mut Fields) -> Result<Model, Error> {
    fields.only("hidden_act", "silu", SILU)?;
    let defaults = Defaults { kv_heads: Some(8), head_dim: Some(128), ..Defaults::default() };
    let sizes = sizes(fields, defaults)?;
    let bias = u64::from(fields.flag("attention_bias", false)?);
    let unit_norm = u64::from(fields.flag("use_qk_norm", true)?);
    let (e, top) = fields.experts("num_local_experts", "num_experts_per_tok", (Some(16), Some(1)))?;
    let (m, f) = (fields.size("intermediate_size")?, fields.size_or("intermediate_size_mlp", Some(16_384))?);
    let (w, tied) = (fields.window("attention_chunk_size", 8192)?, fields.flag("tie_word_embeddings", false)?);
    fields.passed(&["attn_scale", "attn_temperature_tuning", "floor_scale", "for_llm_compressor"]);
    let sparse = sparse(fields, sizes.layers)?;
    let rotated = rotated(fields, sizes.layers)?;
    let rotary = among(&rotated);
    let kinds =
        kinds(
            fields,
            sizes.layers,
            &[Kind::Full, Kind::Chunked],
            |i| if rotary(i) { Kind::Chunked } else { Kind::Full },
        )?;
    let mixed = Decoder { e, top, m, z: m, sigmoid_router: 1, shared: 1, ..sizes.decoder() };
    let attention = Decoder { w, qkv_bias: bias, o_bias: bias, unit_norm, full_rotary: 0, ..mixed };
    Ok(model(positions(&Decoder { f, tied: u64::from(tied), ..attention }, &kinds, among(&sparse))?))
}

/// `moe_layers` where given, else every `interleave_moe_layer_step`-th.
fn sparse(fields: &mut Fields, layers: u64) -> Result<Vec<bool>, Error> {
    let step = fields.every("interleave_moe_layer_step", Some(1), layers)?;
    let listed = fields.numbers("moe_layers")?;
    if let Some(i) = listed.iter().flatten().find(|i| **i >= layers) {
        return Err(Error::field("moe_layers", i.to_string(), format!("layers below num_hidden_layers, {layers}")));
    }
    Ok((0..layers)
        .map(|i| match &listed {
            Some(listed) => listed.contains(&i),
            None => (i + 1).is_multiple_of(step),
        })
        .collect())
}

/// The layers with rotary positions: 1 in `no_rope_layers`, else all but every `no_rope_layer_interval`-th.
fn rotated(fields: &mut Fields, layers: u64) -> Result<Vec<bool>, Error> {
    let every = fields.every("no_rope_layer_interval", Some(4), layers)?;
    match fields.numbers("no_rope_layers")?.filter(|list| !list.is_empty()) {
        Some(list) => {
            same_length("no_rope_layers", list.len(), layers)?;
            Ok(list.iter().map(|on| *on != 0).collect())
        }
        None => Ok((0..layers).map(|i| !(i + 1).is_multiple_of(every)).collect()),
    }
}
