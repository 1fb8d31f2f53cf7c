//! The figures of devices.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The figures of devices
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
#[serde(default)]
pub struct HardwareRequest {
    /// Devices, by name or from a .toml file; all built-in ones if none is named
    pub devices: Vec<String>,
}
