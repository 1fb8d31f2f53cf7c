//! Qwen 2 and 3, dense and with mixtures.

use super::layers::Kind;
use super::read::{Defaults, Sizes};
use super::{Decoder, among, kinds, model, positions, sizes};
use crate::config::Fields;
use crate::error::Error;
use crate::families::activation::SILU;
use crate::model::Model;

/// Qwen 2 and 2.5: biases on queries, keys and values.
pub(crate) fn read_2(fields: &mut Fields) -> Result<Model, Error> {
    let sizes = required(fields)?;
    let dense = Decoder { f: fields.size("intermediate_size")?, qkv_bias: 1, ..sizes.decoder() };
    finish(fields, &dense, &sizes, |_| false, |i, first| i >= first)
}

/// Qwen 3: norms of queries and keys by head.
pub(crate) fn read_3(fields: &mut Fields) -> Result<Model, Error> {
    let sizes = required(fields)?;
    fields.size("head_dim")?;
    let bias = u64::from(fields.flag("attention_bias", false)?);
    let f = fields.size("intermediate_size")?;
    let dense = Decoder { f, head_norm: 1, qkv_bias: bias, o_bias: bias, ..sizes.decoder() };
    finish(fields, &dense, &sizes, |_| false, |i, first| i >= first)
}

/// Qwen 1.5 and 2 with mixtures: a shared expert with a gate. Windows, where used, are in every other of the first layers.
pub(crate) fn read_2_moe(fields: &mut Fields) -> Result<Model, Error> {
    let sizes = required(fields)?;
    let qkv_bias = u64::from(fields.flag("qkv_bias", true)?);
    let z = fields.size("shared_expert_intermediate_size")?;
    let mixed = Decoder { qkv_bias, z, shared: 1, shared_gate: 1, ..sizes.decoder() };
    mixture(fields, &mixed, &sizes, |i, first| i.is_multiple_of(2) && i < first)
}

/// Qwen 3 with mixtures. Windows, where used, are in all layers.
pub(crate) fn read_3_moe(fields: &mut Fields) -> Result<Model, Error> {
    let sizes = required(fields)?;
    let bias = u64::from(fields.flag("attention_bias", false)?);
    let head_norm = u64::from(fields.flag("use_qk_norm", true)?);
    let mixed = Decoder { qkv_bias: bias, o_bias: bias, head_norm, ..sizes.decoder() };
    mixture(fields, &mixed, &sizes, |_, _| true)
}

/// Which layers have a mixture: every `decoder_sparse_step`-th, but for those of `mlp_only_layers`.
pub(crate) fn sparse_layers(fields: &mut Fields, layers: u64) -> Result<Vec<bool>, Error> {
    let step = fields.every("decoder_sparse_step", Some(1), layers)?;
    let dense = fields.numbers("mlp_only_layers")?.unwrap_or_default();
    if let Some(i) = dense.iter().find(|i| **i >= layers) {
        return Err(Error::field("mlp_only_layers", i, format!("layers below num_hidden_layers, {layers}")));
    }
    Ok((0..layers).map(|i| (i + 1).is_multiple_of(step) && !dense.contains(&i)).collect())
}

fn required(fields: &mut Fields) -> Result<Sizes, Error> {
    fields.only("hidden_act", "silu", SILU)?;
    fields.size("num_key_value_heads")?;
    sizes(fields, Defaults::default())
}

fn mixture(
    fields: &mut Fields,
    decoder: &Decoder,
    sizes: &Sizes,
    windowed: impl Fn(u64, u64) -> bool,
) -> Result<Model, Error> {
    // Transformers 5 writes the number of Qwen 3's experts under the name that other types have for it.
    let name = if fields.has("num_experts") { "num_experts" } else { "num_local_experts" };
    let name = if fields.has(name) { name } else { "num_experts" };
    let (e, top) = fields.experts(name, "num_experts_per_tok", (None, None))?;
    fields.same("num_local_experts", e, name)?;
    let m = fields.size("moe_intermediate_size")?;
    let sparse = sparse_layers(fields, sizes.layers)?;
    let f = if sparse.iter().all(|sparse| *sparse) {
        // Without dense layers nothing has their width.
        fields.passed(&["intermediate_size"]);
        1
    } else {
        fields.size("intermediate_size")?
    };
    finish(fields, &Decoder { f, e, top, m, ..*decoder }, sizes, among(&sparse), windowed)
}

/// Which layers have the window, where windows are used at all, depends on `max_window_layers`.
fn finish(
    fields: &mut Fields,
    decoder: &Decoder,
    sizes: &Sizes,
    sparse: impl Fn(u64) -> bool,
    windowed: impl Fn(u64, u64) -> bool,
) -> Result<Model, Error> {
    let tied = u64::from(fields.flag("tie_word_embeddings", false)?);
    let (window, first) = if fields.flag("use_sliding_window", false)? {
        (fields.size("sliding_window")?, fields.count("max_window_layers", None)?)
    } else {
        fields.passed(&["sliding_window", "max_window_layers"]);
        (1, u64::MAX)
    };
    let used = first != u64::MAX;
    let sliding = |i| used && windowed(i, first);
    let kinds =
        kinds(
            fields,
            sizes.layers,
            &[Kind::Full, Kind::Sliding],
            |i| if sliding(i) { Kind::Sliding } else { Kind::Full },
        )?;
    if !used && kinds.contains(&Kind::Sliding) {
        let expected = "true, as layer_types has sliding_attention".to_owned();
        return Err(Error::field("use_sliding_window", "false".to_owned(), expected));
    }
    Ok(model(positions(&Decoder { w: window, tied, ..*decoder }, &kinds, sparse)?))
}
