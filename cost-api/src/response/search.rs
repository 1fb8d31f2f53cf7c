//! Which mesh to take.

use cost_models::Note;
use cost_models::mesh::search::Found;
use serde::Serialize;

/// The meshes that no other is better than.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Meshes {
    /// The model's name.
    pub model: String,
    /// The device's id.
    pub device: String,
    /// Tokens of each sequence in the cache.
    pub past: u64,
    /// New tokens of each.
    pub tokens: u64,
    /// The meshes, the best first.
    pub found: Vec<Found>,
    /// What is to be said beside the numbers.
    pub notes: Vec<Note>,
    /// The version of this object's layout.
    pub schema: u32,
}
