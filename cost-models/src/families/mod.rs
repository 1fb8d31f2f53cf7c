//! Architectures by `model_type`, and how each is read from its config.

pub mod gpt2;
pub mod llama;

use crate::config::Fields;
use crate::error::Error;
use crate::model::Model;

/// A `model_type` and what makes a model of such a config.
pub(crate) struct Family {
    pub(crate) model_type: &'static str,
    pub(crate) read: fn(&mut Fields) -> Result<Model, Error>,
}

/// Every `model_type` that can be read.
pub(crate) const FAMILIES: &[Family] = &[
    Family { model_type: "gpt2", read: gpt2::read },
    Family { model_type: "llama", read: llama::read },
    Family { model_type: "mistral", read: llama::read_mistral },
    Family { model_type: "qwen3", read: llama::read_qwen3 },
];

/// The names of the model types that can be read.
pub fn model_types() -> impl Iterator<Item = &'static str> + Clone {
    FAMILIES.iter().map(|family| family.model_type)
}
