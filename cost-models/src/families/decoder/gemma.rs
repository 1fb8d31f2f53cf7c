//! Gemma 2 and 3: norms before and after each half of a layer, GeGLU, scaled embeddings, windows in most layers.

use super::read::Defaults;
use super::{Decoder, Kind, both_ways, kinds, model, positions, sizes};
use crate::config::Fields;
use crate::error::Error;
use crate::model::Model;

const BOTH_WAYS: &str = "use_bidirectional_attention";

/// Gemma 2: every other layer, the first among them, has a window; scores and logits are capped.
pub(crate) fn read_2(fields: &mut Fields) -> Result<Model, Error> {
    let defaults = Defaults { kv_heads: Some(4), head_dim: Some(256), ..Defaults::default() };
    let base = base(fields, defaults)?;
    let capped = u64::from(fields.cap("attn_logit_softcapping", Some(50.0))?);
    let head_cap = u64::from(fields.cap("final_logit_softcapping", Some(30.0))?);
    let which = "false: what of later tokens is seen depends on the implementation of attention in the released code";
    fields.only_off(BOTH_WAYS, which)?;
    let w = fields.window("sliding_window", 4096)?;
    fields.same("sliding_window_size", w, "sliding_window")?;
    let kinds = kinds(fields, base.1, &[Kind::Full, Kind::Sliding], |i| {
        if i.is_multiple_of(2) { Kind::Sliding } else { Kind::Full }
    })?;
    Ok(model(positions(&Decoder { w, capped, head_cap, ..base.0 }, &kinds, |_| false)?))
}

/// Gemma 3: all layers have a window but every `sliding_window_pattern`-th; norms of queries and keys by head.
///
/// The released configs of its multimodal models leave out what `Gemma3TextConfig` has defaults for.
pub(crate) fn read_3(fields: &mut Fields) -> Result<Model, Error> {
    let defaults = Defaults {
        hidden_size: Some(2304),
        heads: Some(8),
        kv_heads: Some(4),
        head_dim: Some(256),
        layers: Some(26),
        vocab: Some(262_208),
    };
    let base = base(fields, defaults)?;
    let capped = u64::from(fields.cap("attn_logit_softcapping", None)?);
    let head_cap = u64::from(fields.cap("final_logit_softcapping", None)?);
    fields.off("use_encoder_attention")?;
    let window = fields.window("sliding_window", 4096)?;
    let both = fields.flag(BOTH_WAYS, false)?;
    // Gemma3TextConfig has half of the window to either side, and its mask the tokens fewer than that and one away.
    let w = if both { window / 2 + 1 } else { window };
    let every = pattern(fields, base.1)?;
    let kinds = kinds(fields, base.1, &[Kind::Full, Kind::Sliding], |i| {
        if (i + 1).is_multiple_of(every) { Kind::Full } else { Kind::Sliding }
    })?;
    let model = model(positions(&Decoder { w, capped, head_cap, head_norm: 1, ..base.0 }, &kinds, |_| false)?);
    Ok(if both { both_ways(model, BOTH_WAYS) } else { model })
}

/// Every how many layers one has no window; a list of all layers is the better word. Transformers 5 writes another name.
fn pattern(fields: &mut Fields, layers: u64) -> Result<u64, Error> {
    const NAMES: [&str; 2] = ["sliding_window_pattern", "_sliding_window_pattern"];
    if fields.value("layer_types").is_some() {
        return Ok(fields.optional_size_by(&NAMES)?.map_or(6, |(_, every)| every));
    }
    let name = NAMES[usize::from(!fields.has(NAMES[0]) && fields.has(NAMES[1]))];
    fields.every(name, Some(6), layers)
}

fn base(fields: &mut Fields, defaults: Defaults) -> Result<(Decoder, u64), Error> {
    // hidden_activation is what counts; hidden_act stands in old configs beside it.
    fields.only("hidden_activation", "gelu_pytorch_tanh", &["gelu_pytorch_tanh"])?;
    fields.passed(&["hidden_act", "query_pre_attn_scalar", "cache_implementation"]);
    let sizes = sizes(fields, defaults)?;
    let bias = u64::from(fields.flag("attention_bias", false)?);
    let f = fields.size_or("intermediate_size", defaults.hidden_size.map(|d| 4 * d))?;
    let tied = u64::from(fields.flag("tie_word_embeddings", true)?);
    let norms = Decoder { post_norm: 1, gelu: 1, embed_scale: 1, ..sizes.decoder() };
    Ok((Decoder { f, qkv_bias: bias, o_bias: bias, tied, ..norms }, sizes.layers))
}
