//! The built-in models.

use cost_models::Note;
use cost_models::report::Bytes;
use serde::Serialize;

/// A built-in model.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ModelEntry {
    /// The name that it is asked for by.
    pub name: &'static str,
    /// The type that its config names.
    pub model_type: String,
    /// Parameters.
    pub params: u128,
    /// Those that one token uses.
    pub active: u128,
    /// Bytes that a token adds to the cache.
    pub cache_bytes_per_token: Bytes,
    /// The longest context that it was made for.
    pub context: Option<u64>,
    /// Where its config was published.
    pub source: &'static str,
    /// What is to be said beside the numbers.
    pub notes: Vec<Note>,
}
