//! gpt-oss: mixtures with biases, attention sinks, a window in every other layer.

use super::read::Defaults;
use super::{Decoder, Kind, kinds, model, positions, sizes};
use crate::config::Fields;
use crate::error::Error;
use crate::families::activation::SILU;
use crate::model::Model;

pub(crate) fn read(fields: &mut Fields) -> Result<Model, Error> {
    fields.only("hidden_act", "silu", SILU)?;
    fields.passed(&["swiglu_limit", "initial_context_length"]);
    let sizes = sizes(fields, Defaults { kv_heads: Some(8), head_dim: Some(64), ..Defaults::default() })?;
    let bias = u64::from(fields.flag("attention_bias", true)?);
    let (e, top) = fields.experts("num_local_experts", "num_experts_per_tok", (None, None))?;
    fields.same("experts_per_token", top, "num_experts_per_tok")?;
    let (m, tied) = (fields.size("intermediate_size")?, u64::from(fields.flag("tie_word_embeddings", false)?));
    let w = fields.window("sliding_window", 128)?;
    let mixed = Decoder { e, top, m, router_bias: 1, expert_bias: 1, limited: 1, ..sizes.decoder() };
    let decoder = Decoder { w, qkv_bias: bias, o_bias: bias, sinks: 1, full_sinks: 1, tied, ..mixed };
    let kinds = kinds(fields, sizes.layers, &[Kind::Full, Kind::Sliding], |i| {
        if i.is_multiple_of(2) { Kind::Sliding } else { Kind::Full }
    })?;
    Ok(model(positions(&decoder, &kinds, |_| true)?))
}
