//! MiMo-V2-Flash: a short window with sinks in most layers, values narrower than keys, mixtures without shared experts.
//!
//! What a config leaves out is as transformers' `MiMoV2FlashConfig` has it.

use super::layers::same_length;
use super::read::Defaults;
use super::{Decoder, Kind, among, groups, kinds, mixed, model, positions, sizes};
use crate::config::Fields;
use crate::error::Error;
use crate::families::activation::SILU;
use crate::model::Model;

pub(crate) fn read_v2_flash(fields: &mut Fields) -> Result<Model, Error> {
    fields.only("hidden_act", "silu", SILU)?;
    fields.off("attention_bias")?;
    let sizes = sizes(fields, Defaults { kv_heads: Some(4), head_dim: Some(192), ..Defaults::default() })?;
    let h = fields.size_or("v_head_dim", Some(128))?;
    let heads = fields.size_or("swa_num_attention_heads", Some(sizes.n.saturating_mul(sizes.g)))?;
    let sn = fields.size_or("swa_num_key_value_heads", Some(sizes.n.saturating_mul(2)))?;
    let sg = Fields::quotient(("swa_num_attention_heads", heads), ("swa_num_key_value_heads", sn))?;
    fields.same("swa_head_dim", sizes.k, "head_dim")?;
    fields.same("swa_v_head_dim", h, "v_head_dim")?;
    let w = window(fields)?;
    fields.passed(&["attention_chunk_size", "attention_value_scale"]);
    let sinks = u64::from(fields.flag("add_swa_attention_sink_bias", true)?);
    let full_sinks = u64::from(fields.flag("add_full_attention_sink_bias", false)?);
    let (sliding, sparse) = (sliding(fields, sizes.layers)?, sparse(fields, sizes.layers)?);
    let (e, top) = fields.experts("n_routed_experts", "num_experts_per_tok", (Some(256), Some(8)))?;
    groups(fields, ("n_routed_experts", e), top)?;
    let m = fields.size_or("moe_intermediate_size", Some(2048))?;
    let copies = fields.count("n_shared_experts", Some(0))?;
    let z = Fields::product(("n_shared_experts", copies), ("moe_intermediate_size", m))?;
    let (f, tied) = (fields.size("intermediate_size")?, u64::from(fields.flag("tie_word_embeddings", false)?));
    let sigmoid_router = u64::from(fields.only("scoring_func", "sigmoid", &["sigmoid", "softmax"])? == "sigmoid");
    let correction = u64::from(fields.only("topk_method", "noaux_tc", &["noaux_tc", "greedy"])? == "noaux_tc");
    let mixed = Decoder { e, top, m, z: z.max(1), sigmoid_router, correction, ..sizes.decoder() };
    let decoder = Decoder { f, h, sn, sg, w, sinks, full_sinks, tied, shared: u64::from(copies > 0), ..mixed };
    let kinds: Vec<Kind> = sliding.iter().map(|on| kind(*on)).collect();
    Ok(model(positions(&decoder, &kinds, among(&sparse))?))
}

/// Which layers have a window. The list that transformers 5 writes must say the same as the released one; without either
/// the first layer and every sixth have none.
fn sliding(fields: &mut Fields, layers: u64) -> Result<Vec<bool>, Error> {
    let (field, other) = ("hybrid_layer_pattern", "layer_types");
    let usual = |i: u64| i > 0 && !(i + 1).is_multiple_of(6);
    let pattern = by_layer(fields, field, layers)?;
    let written = fields.has(other);
    let kinds = kinds(fields, layers, &[Kind::Full, Kind::Sliding], |i| match &pattern {
        Some(pattern) => kind(among(pattern)(i)),
        None => kind(usual(i)),
    })?;
    if pattern.is_none() && !written {
        fields.stands_in(field, "full attention in the first layer and every sixth");
    }
    agreed((field, pattern), (other, kinds.into_iter().map(|it| it == Kind::Sliding).collect()))
}

/// Which layers are mixtures: as the two lists say, or all but the first.
fn sparse(fields: &mut Fields, layers: u64) -> Result<Vec<bool>, Error> {
    let (field, other) = ("moe_layer_freq", "mlp_layer_types");
    let list = by_layer(fields, field, layers)?;
    let types = match (mixed(fields, layers)?, &list) {
        (Some(types), _) => types,
        (None, Some(list)) => list.clone(),
        (None, None) => {
            fields.stands_in(field, "mixtures in all layers but the first");
            (0..layers).map(|i| i > 0).collect()
        }
    };
    agreed((field, list), (other, types))
}

/// A list of layers, which another one must agree with.
fn agreed((field, list): (&str, Option<Vec<bool>>), (other, types): (&str, Vec<bool>)) -> Result<Vec<bool>, Error> {
    match list.iter().flatten().zip(&types).position(|(a, b)| a != b) {
        Some(i) => Err(Error::field(&format!("{other}[{i}]"), "another kind", format!("the one that {field} says"))),
        None => Ok(types),
    }
}

const fn kind(sliding: bool) -> Kind {
    if sliding { Kind::Sliding } else { Kind::Full }
}

/// How many keys a query sees, itself included. `sliding_window_size` is how many it sees before itself, as SGLang has it
/// and `MiMoV2FlashConfig` takes it; `sliding_window` stands beside it with the one number or the other.
fn window(fields: &mut Fields) -> Result<u64, Error> {
    let Some(before) = fields.optional_size("sliding_window_size")? else {
        return fields.size_or("sliding_window", Some(128));
    };
    let keys = before
        .checked_add(1)
        .ok_or_else(|| Error::field("sliding_window_size", before, "a size that fits 64 bits with the query's own"))?;
    match fields.optional_size("sliding_window")? {
        Some(found) if found != before && found != keys => {
            let expected = format!("{before} or, with the query itself, {keys}, as sliding_window_size says");
            Err(Error::field("sliding_window", found, expected))
        }
        _ => Ok(keys),
    }
}

/// A list of 0 and 1 with an entry for each layer, if there is one.
fn by_layer(fields: &mut Fields, field: &str, layers: u64) -> Result<Option<Vec<bool>>, Error> {
    let Some(list) = fields.numbers(field)? else { return Ok(None) };
    same_length(field, list.len(), layers)?;
    match list.iter().find(|on| **on > 1) {
        Some(other) => Err(Error::field(field, other.to_string(), "0 or 1".to_owned())),
        None => Ok(Some(list.iter().map(|on| *on == 1).collect())),
    }
}
