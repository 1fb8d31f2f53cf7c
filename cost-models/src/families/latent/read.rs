//! Configs of models with latent attention.

use super::{LatentDecoder, LatentPredictor};
use crate::config::Fields;
use crate::error::Error;
use crate::families::activation::SILU;
use crate::families::decoder::layers::same_length;
use crate::families::decoder::{among, groups, layers, mixed};
use crate::model::Model;

/// DeepSeek-V2: a softmax router without a correction; queries may be of full rank.
pub(crate) fn read_v2(fields: &mut Fields) -> Result<Model, Error> {
    let decoder = common(fields, "greedy", 2)?;
    finish(fields, &decoder, false)
}

/// DeepSeek-V3 and Kimi K2: a sigmoid router with a correction, and a module that predicts one token further.
pub(crate) fn read_v3(fields: &mut Fields) -> Result<Model, Error> {
    let decoder = LatentDecoder { sigmoid_router: 1, correction: 1, ..common(fields, "noaux_tc", 1)? };
    finish(fields, &decoder, false)
}

/// DeepSeek-V3.2: V3 with an indexer in every layer.
pub(crate) fn read_v32(fields: &mut Fields) -> Result<Model, Error> {
    let decoder = LatentDecoder { sigmoid_router: 1, correction: 1, ..common(fields, "noaux_tc", 1)? };
    if decoder.low_rank == 0 {
        let expected = "a size: the indexer's queries come from the low-rank ones".to_owned();
        return Err(Error::field("q_lora_rank", "null".to_owned(), expected));
    }
    let (i, z) = (fields.size("index_n_heads")?, fields.size("index_head_dim")?);
    let w = fields.size("index_topk")?;
    finish(fields, &LatentDecoder { w, i, z, ..decoder }, true)
}

/// Everything that the versions share, without layers; `shared` experts where the config doesn't say how many.
fn common(fields: &mut Fields, method: &str, shared: u64) -> Result<LatentDecoder, Error> {
    fields.only("hidden_act", "silu", SILU)?;
    // Biases of the down projections are in no released model.
    fields.off("attention_bias")?;
    // Each version's released code has one router, and refuses another one's names.
    let (scores, methods): (_, &[&str]) = if method == "noaux_tc" {
        ("sigmoid", &["noaux_tc"])
    } else {
        ("softmax", &["greedy", "group_limited_greedy"])
    };
    fields.only("scoring_func", scores, &[scores])?;
    fields.only("topk_method", method, methods)?;
    let (d, h) = (fields.size("hidden_size")?, fields.size("num_attention_heads")?);
    // All heads read one latent vector, so the number of key/value heads says nothing.
    if let Some(n) = fields.optional_size("num_key_value_heads")?.filter(|n| *n != h) {
        let text = format!("num_key_value_heads is {n}, but all {h} heads read one latent vector; it is left alone");
        fields.warn("num_key_value_heads", text);
    }
    // null means queries of full rank; V2 and V3's classes both have 1536 where the field is left out.
    let rank = if fields.has("q_lora_rank") { fields.optional_size("q_lora_rank")? } else { Some(1536) };
    let (c, k) = (fields.size("kv_lora_rank")?, fields.size("qk_nope_head_dim")?);
    let (p, vh) = (fields.size("qk_rope_head_dim")?, fields.size("v_head_dim")?);
    let (e, top) = fields.experts("n_routed_experts", "num_experts_per_tok", (None, None))?;
    let (whole, sum) = (k.checked_add(p), "qk_nope_head_dim + qk_rope_head_dim");
    let whole =
        whole.ok_or_else(|| Error::field("qk_nope_head_dim", k, "a size that fits 64 bits with the other part"))?;
    fields.same("qk_head_dim", whole, sum)?;
    // It says how long a rotated vector is, or a whole one.
    if let Some(found) = fields.optional_size("head_dim")?.filter(|found| ![p, k, vh, whole].contains(found)) {
        fields.warn("head_dim", format!("head_dim is {found}, which no part of a head has; it is left alone"));
    }
    groups(fields, ("n_routed_experts", e), top)?;
    let m = fields.size("moe_intermediate_size")?;
    let copies = fields.count("n_shared_experts", Some(shared))?;
    let zs = Fields::product(("n_shared_experts", copies), ("moe_intermediate_size", m))?;
    let (f, v) = (fields.size("intermediate_size")?, fields.size("vocab_size")?);
    let tied = u64::from(fields.flag("tie_word_embeddings", false)?);
    Ok(LatentDecoder {
        b: 1,
        s: 1,
        t: 1,
        o: 1,
        w: 1,
        d,
        r: rank.unwrap_or(1),
        c,
        h,
        k,
        vh,
        p,
        i: 1,
        z: 1,
        f,
        e,
        top,
        m,
        zs: zs.max(1),
        v,
        l: 0,
        sparse: 0,
        indexed: 0,
        indexed_sparse: 0,
        absorbed: 0,
        low_rank: u64::from(rank.is_some()),
        sigmoid_router: 0,
        correction: 0,
        shared: u64::from(copies > 0),
        tied,
    })
}

/// Dense layers come first; after them every `moe_layer_freq`-th has a mixture.
fn finish(fields: &mut Fields, decoder: &LatentDecoder, indexed: bool) -> Result<Model, Error> {
    let layers = layers(fields, None)?;
    attends(fields, layers, if indexed { "indexed_attention" } else { "full_attention" })?;
    // DeepseekV2Config has no dense layers where the field is left out, DeepseekV3Config three.
    let dense = if decoder.correction == 1 { 3 } else { 0 };
    let first = fields.first_layers("first_k_dense_replace", dense, layers)?;
    let every = fields.every("moe_layer_freq", Some(1), layers)?;
    let listed = mixed(fields, layers)?;
    let mixture = |i: u64| match &listed {
        Some(listed) => among(listed)(i),
        None => i >= first && i.is_multiple_of(every),
    };
    let (sparse, dense): (Vec<u64>, Vec<u64>) = (0..layers).partition(|i| mixture(*i));
    let (l, n) = (dense.len() as u64, sparse.len() as u64);
    let (decoder, labels) = if indexed {
        (LatentDecoder { indexed: l, indexed_sparse: n, ..*decoder }, ["indexed", "indexed_sparse"])
    } else {
        (LatentDecoder { l, sparse: n, ..*decoder }, ["", "sparse"])
    };
    let model = Model::new(&decoder).alias("vh", "k").placed(vec![(labels[0], dense), (labels[1], sparse)]);
    let further = fields.count("num_nextn_predict_layers", Some(0))?;
    Ok(if further == 0 { model } else { model.predicting(further, predictor(&decoder, layers, further, indexed)) })
}

/// All layers attend in one way; a list of layers must say so.
fn attends(fields: &mut Fields, layers: u64, kind: &str) -> Result<(), Error> {
    let Some(types) = fields.texts("layer_types")? else { return Ok(()) };
    same_length("layer_types", types.len(), layers)?;
    match types.iter().position(|other| other != kind) {
        Some(i) => Err(Error::field(&format!("layer_types[{i}]"), format!("\"{}\"", types[i]), format!("\"{kind}\""))),
        None => Ok(()),
    }
}

fn predictor(decoder: &LatentDecoder, layers: u64, count: u64, indexed: bool) -> Model {
    let LatentDecoder { d, r, c, h, k, vh, p, i, z, e, top, m, zs, v, w, low_rank, .. } = *decoder;
    let LatentDecoder { sigmoid_router, correction, shared, .. } = *decoder;
    let (sparse, indexed_sparse) = (u64::from(!indexed), u64::from(indexed));
    let operator = LatentPredictor {
        b: 1,
        s: 1,
        t: 1,
        o: 1,
        w,
        d,
        r,
        c,
        h,
        k,
        vh,
        p,
        i,
        z,
        e,
        top,
        m,
        zs,
        v,
        sparse,
        indexed_sparse,
        absorbed: 0,
        low_rank,
        sigmoid_router,
        correction,
        shared,
    };
    let at: Vec<u64> = (layers..layers + count).collect();
    Model::new(&operator).alias("vh", "k").placed(vec![(if indexed { "indexed_sparse" } else { "sparse" }, at)])
}
