//! What fits the memory of devices.

use cost_core::hardware::Hardware;
use cost_models::Note;
use cost_models::fit::Fit;
use cost_models::report::{Bytes, FormatNames};
use serde::Serialize;

/// What fits devices, and what takes their memory.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Fits {
    /// The model's name.
    pub model: String,
    /// The longest context that the model was made for.
    pub context: Option<u64>,
    /// Number formats by role.
    pub formats: FormatNames,
    /// Device by device, and for each what was looked for.
    pub fits: Vec<DeviceFit>,
    /// What is to be said beside the numbers.
    pub notes: Vec<Note>,
    /// The version of this object's layout.
    pub schema: u32,
    /// The devices.
    #[serde(skip)]
    pub devices: Vec<Hardware>,
}

/// What fits a device.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DeviceFit {
    /// The device's id.
    pub name: String,
    /// Its memory.
    pub bytes: Option<Bytes>,
    /// How many sequences of how many tokens, and what takes the memory.
    #[serde(flatten)]
    pub fit: Fit,
}
