//! GLM-4.5 and later: dense layers first, then mixtures with a shared expert.

use super::read::Defaults;
use super::{Decoder, Kind, Predictor, further_layers, groups, kinds, model, positions, sizes};
use crate::config::Fields;
use crate::error::Error;
use crate::families::activation::SILU;
use crate::model::Model;

pub(crate) fn read_4_moe(fields: &mut Fields) -> Result<Model, Error> {
    fields.only("hidden_act", "silu", SILU)?;
    let sizes = sizes(fields, Defaults { kv_heads: Some(8), ..Defaults::default() })?;
    let qkv_bias = u64::from(fields.flag("attention_bias", false)?);
    let head_norm = u64::from(fields.flag("use_qk_norm", false)?);
    let (e, top) = fields.experts("n_routed_experts", "num_experts_per_tok", (None, None))?;
    groups(fields, ("n_routed_experts", e), top)?;
    let m = fields.size("moe_intermediate_size")?;
    let copies = fields.count("n_shared_experts", Some(1))?;
    let z = Fields::product(("n_shared_experts", copies), ("moe_intermediate_size", m))?;
    let first = fields.first_layers("first_k_dense_replace", 1, sizes.layers)?;
    let (f, tied) = (fields.size("intermediate_size")?, u64::from(fields.flag("tie_word_embeddings", false)?));
    let mixed = Decoder { e, top, m, z: z.max(1), sigmoid_router: 1, correction: 1, ..sizes.decoder() };
    let decoder = Decoder { f, qkv_bias, head_norm, tied, shared: u64::from(copies > 0), ..mixed };
    let kinds = kinds(fields, sizes.layers, &[Kind::Full], |_| Kind::Full)?;
    let model = model(positions(&decoder, &kinds, |i| i >= first)?);
    let further = further_layers(fields, "num_nextn_predict_layers", 1, sizes.layers)?;
    Ok(if further == 0 { model } else { model.predicting(further, predictor(&decoder)) })
}

fn predictor(decoder: &Decoder) -> Model {
    let Decoder { d, n, g, k, h, e, top, m, z, v, qkv_bias, head_norm, sigmoid_router, correction, shared, .. } =
        *decoder;
    let sizes = Predictor {
        b: 1,
        s: 1,
        t: 1,
        o: 1,
        w: 1,
        d,
        n,
        g,
        k,
        h,
        e,
        top,
        m,
        z,
        v,
        qkv_bias,
        head_norm,
        sigmoid_router,
        correction,
        shared,
    };
    Model::new(&sizes).unlimited("w").alias("h", "k")
}
