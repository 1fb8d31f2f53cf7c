//! MiniMax-M2: every feed-forward network is a mixture, norms of queries and keys over all heads.

use super::read::Defaults;
use super::{Decoder, Kind, kinds, model, positions, sizes};
use crate::config::Fields;
use crate::error::Error;
use crate::families::activation::SILU;
use crate::model::Model;
use crate::note::Note;

pub(crate) fn read_m2(fields: &mut Fields) -> Result<Model, Error> {
    fields.only("hidden_act", "silu", SILU)?;
    let sizes = sizes(fields, Defaults { kv_heads: Some(8), head_dim: Some(128), ..Defaults::default() })?;
    let wide_norm = u64::from(fields.flag("use_qk_norm", true)?);
    fields.only("qk_norm_type", "per_layer", &["per_layer"])?;
    let (e, top) = fields.experts("num_local_experts", "num_experts_per_tok", (None, None))?;
    let (m, correction) = (fields.size("intermediate_size")?, u64::from(fields.flag("use_routing_bias", true)?));
    let sigmoid_router = u64::from(fields.only("scoring_func", "sigmoid", &["sigmoid", "softmax"])? == "sigmoid");
    let tied = u64::from(fields.flag("tie_word_embeddings", false)?);
    if fields.count("shared_intermediate_size", Some(0))? > 0 {
        let found = "a shared expert".to_owned();
        return Err(Error::field("shared_intermediate_size", found, "0, as in every released model".to_owned()));
    }
    if let Some(types) = fields.numbers("attn_type_list")? {
        super::layers::same_length("attn_type_list", types.len(), sizes.layers)?;
        if types.contains(&0) {
            let expected = "1 for every layer: softmax attention".to_owned();
            return Err(Error::field("attn_type_list", "0".to_owned(), expected));
        }
    }
    let mixed = Decoder { e, top, m, sigmoid_router, correction, ..sizes.decoder() };
    let kinds = kinds(fields, sizes.layers, &[Kind::Full], |_| Kind::Full)?;
    let model = model(positions(&Decoder { wide_norm, tied, ..mixed }, &kinds, |_| true)?);
    let modules = fields.count("num_mtp_modules", Some(0))?;
    fields.passed(&["mtp_transformer_layers"]);
    Ok(if fields.flag("use_mtp", false)? && modules > 0 {
        let text = "the modules that predict further tokens (use_mtp) are in no released file and are left out";
        model.noted(Note::new(text).about("use_mtp"))
    } else {
        model
    })
}
