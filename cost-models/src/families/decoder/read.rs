//! What all configs of decoders have in common.

use super::Decoder;
use super::layers::Positions;
use crate::config::Fields;
use crate::error::Error;
use crate::model::Model;

/// Most layers that a config may have: more than that is a mistake, and lists by layers stay small.
pub(crate) const MOST_LAYERS: u64 = 65_536;

/// Sizes that every decoder's config has.
pub(crate) struct Sizes {
    pub(crate) d: u64,
    /// Key/value heads.
    pub(crate) n: u64,
    /// Queries for each of them.
    pub(crate) g: u64,
    /// Head size.
    pub(crate) k: u64,
    pub(crate) v: u64,
    pub(crate) layers: u64,
}

impl Sizes {
    /// A decoder of these sizes, without layers yet.
    pub(crate) fn decoder(&self) -> Decoder {
        let Self { d, n, g, k, v, .. } = *self;
        Decoder { d, n, g, k, h: k, sn: n, sg: g, v, ..Decoder::PLAIN }
    }
}

/// What a model type's config class takes for a field that a config leaves out; nothing where it must be there.
#[derive(Clone, Copy, Default)]
pub(crate) struct Defaults {
    pub(crate) hidden_size: Option<u64>,
    pub(crate) heads: Option<u64>,
    /// Key/value heads; as many as query heads where there is no default.
    pub(crate) kv_heads: Option<u64>,
    /// The size of a head; the width divided by the heads where there is no default.
    pub(crate) head_dim: Option<u64>,
    pub(crate) layers: Option<u64>,
    pub(crate) vocab: Option<u64>,
}

/// Reads the sizes that every decoder's config has.
pub(crate) fn sizes(fields: &mut Fields, defaults: Defaults) -> Result<Sizes, Error> {
    let d = fields.size_or("hidden_size", defaults.hidden_size)?;
    let heads = fields.size_or("num_attention_heads", defaults.heads)?;
    // null means a key/value head for each head, a field left out its default.
    let given = fields.has("num_key_value_heads");
    let n = fields.optional_size("num_key_value_heads")?;
    let class = defaults.kv_heads.or_else(|| fields.class_size("num_key_value_heads")).filter(|_| !given);
    let n = match (n, class) {
        (None, Some(_)) => fields.size_or("num_key_value_heads", class)?,
        (n, _) => n.unwrap_or(heads),
    };
    let g = Fields::quotient(("num_attention_heads", heads), ("num_key_value_heads", n))?;
    let class = defaults.head_dim.or_else(|| fields.class_size("head_dim"));
    let k = match (fields.optional_size("head_dim")?, class) {
        (Some(k), _) => k,
        (None, Some(_)) => fields.size_or("head_dim", class)?,
        (None, None) => Fields::quotient(("hidden_size", d), ("num_attention_heads", heads))?,
    };
    let v = fields.size_or("vocab_size", defaults.vocab)?;
    let layers = layers(fields, defaults.layers)?;
    Ok(Sizes { d, n, g, k, v, layers })
}

/// Reads the number of layers.
pub(crate) fn layers(fields: &mut Fields, default: Option<u64>) -> Result<u64, Error> {
    let layers = fields.size_or("num_hidden_layers", default)?;
    if layers > MOST_LAYERS {
        return Err(Error::field("num_hidden_layers", layers.to_string(), format!("at most {MOST_LAYERS}")));
    }
    Ok(layers)
}

/// Reads how many layers come after all others, to predict further tokens.
pub(crate) fn further_layers(fields: &mut Fields, field: &str, default: u64, layers: u64) -> Result<u64, Error> {
    let further = fields.count(field, Some(default))?;
    let most = MOST_LAYERS.saturating_sub(layers);
    if further > most {
        let expected = format!("at most {most}, as there are {layers} layers before them and {MOST_LAYERS} can be");
        return Err(Error::field(field, further, expected));
    }
    Ok(further)
}

/// A decoder as a model: full attention has no window.
pub(crate) fn model((decoder, layers): (Decoder, Positions)) -> Model {
    Model::new(&decoder).unlimited("u").alias("h", "k").alias("sn", "n").alias("sg", "g").placed(layers)
}
