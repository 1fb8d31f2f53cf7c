//! The built-in models.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The built-in models
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
#[serde(default)]
pub struct ModelsRequest {
    /// Only those of this model type
    #[cfg_attr(feature = "clap", arg(long = "type", value_name = "TYPE"))]
    #[serde(rename = "type")]
    pub model_type: Option<String>,
    /// Only those of at least so many parameters, as in `7e9`, `7B` or `350M`
    #[cfg_attr(feature = "clap", arg(long, value_name = "N", allow_hyphen_values = true))]
    pub min_params: Option<String>,
    /// Only those of at most so many parameters
    #[cfg_attr(feature = "clap", arg(long, value_name = "N", allow_hyphen_values = true))]
    pub max_params: Option<String>,
    /// Only those whose weights, in their own formats, and cache of one token fit the memory of a device, by name or from
    /// a .toml file
    #[cfg_attr(feature = "clap", arg(long, value_name = "HW"))]
    pub fits: Option<String>,
    /// Only the largest so many, by their parameters
    #[cfg_attr(feature = "clap", arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..)))]
    #[schemars(range(min = 1))]
    pub top: Option<u32>,
    /// Refuse a config with fields that nothing is known about
    #[cfg_attr(feature = "clap", arg(long))]
    pub strict: bool,
}
