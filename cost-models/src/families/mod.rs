//! Architectures by `model_type`, and how each is read from its config.

pub mod audio;
pub mod decoder;
pub mod encoder;
pub mod gemma;
pub mod latent;
pub mod recurrent;
pub mod seq2seq;
pub mod vision;

use crate::config::Fields;
use crate::error::Error;
use crate::family;
use crate::model::Model;

/// The model of a config of that type; nothing if the type isn't known.
pub(crate) fn read(model_type: &str, fields: &mut Fields) -> Option<Result<Model, Error>> {
    family::declared(model_type).map(|declared| declared.and_then(|family| family.read(fields)))
}

/// The model type that a class of transformers is of.
pub(crate) fn type_of(class: &str) -> Option<&'static str> {
    const MODEL: &str = "Model";
    let kind = class.strip_suffix("LMHeadModel").or_else(|| class.strip_suffix(MODEL));
    let kind = kind.or_else(|| class.rfind("For").map(|at| &class[..at]))?;
    family::of_transformers(kind)
}

/// The names of the model types that can be read.
pub fn model_types() -> impl Iterator<Item = &'static str> + Clone {
    family::declared_types()
}
