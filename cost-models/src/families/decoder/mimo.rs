//! MiMo-V2-Flash: a short window with sinks in most layers, values narrower than keys, mixtures without shared experts.

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
    let sizes = sizes(fields, Defaults::default())?;
    let h = fields.size("v_head_dim")?;
    let heads = fields.size("swa_num_attention_heads")?;
    let sn = fields.size("swa_num_key_value_heads")?;
    let sg = Fields::quotient(("swa_num_attention_heads", heads), ("swa_num_key_value_heads", sn))?;
    fields.same("swa_head_dim", sizes.k, "head_dim")?;
    fields.same("swa_v_head_dim", h, "v_head_dim")?;
    let w = window(fields)?;
    fields.passed(&["attention_chunk_size", "attention_value_scale"]);
    let sinks = u64::from(fields.flag("add_swa_attention_sink_bias", true)?);
    let full_sinks = u64::from(fields.flag("add_full_attention_sink_bias", false)?);
    let sliding = by_layer(fields, "hybrid_layer_pattern", sizes.layers)?;
    let sparse = by_layer(fields, "moe_layer_freq", sizes.layers)?;
    agree(fields, &sliding, &sparse)?;
    let (e, top) = fields.experts("n_routed_experts", "num_experts_per_tok", (None, None))?;
    groups(fields, ("n_routed_experts", e), top)?;
    let m = fields.size("moe_intermediate_size")?;
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

/// The lists of layers that transformers 5 writes must say the same.
fn agree(fields: &mut Fields, sliding: &[bool], sparse: &[bool]) -> Result<(), Error> {
    let layers = sliding.len() as u64;
    let given = kinds(fields, layers, &[Kind::Full, Kind::Sliding], |i| kind(among(sliding)(i)))?;
    if let Some(i) = given.iter().zip(sliding).position(|(given, on)| *given != kind(*on)) {
        let field = format!("layer_types[{i}]");
        return Err(Error::field(&field, "another kind", "the one that hybrid_layer_pattern says"));
    }
    match mixed(fields, layers)?.unwrap_or_else(|| sparse.to_vec()).iter().zip(sparse).position(|(a, b)| a != b) {
        Some(i) => {
            Err(Error::field(&format!("mlp_layer_types[{i}]"), "another kind", "the one that moe_layer_freq says"))
        }
        None => Ok(()),
    }
}

const fn kind(sliding: bool) -> Kind {
    if sliding { Kind::Sliding } else { Kind::Full }
}

/// How many keys a query sees, itself included. `sliding_window_size` is how many it sees before itself, as SGLang has it
/// and `MiMoV2FlashConfig` takes it; `sliding_window` stands beside it with the one number or the other.
fn window(fields: &mut Fields) -> Result<u64, Error> {
    let Some(before) = fields.optional_size("sliding_window_size")? else { return fields.size("sliding_window") };
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

/// A list of 0 and 1 with an entry for each layer.
fn by_layer(fields: &mut Fields, field: &str, layers: u64) -> Result<Vec<bool>, Error> {
    let list = fields.numbers(field)?.ok_or_else(|| {
        Error::field(field, "nothing".to_owned(), format!("a list of {layers} numbers, 0 or 1 for each layer"))
    })?;
    same_length(field, list.len(), layers)?;
    match list.iter().find(|on| **on > 1) {
        Some(other) => Err(Error::field(field, other.to_string(), "0 or 1".to_owned())),
        None => Ok(list.iter().map(|on| *on == 1).collect()),
    }
}
