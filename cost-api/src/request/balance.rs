//! Where an intensity meets the ridge points of devices.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::choice::Count;
use super::options::{CountingOptions, ReadingOptions};
use super::what::What;

/// Where an intensity meets the ridge points of devices
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
pub struct BalanceRequest {
    /// A built-in model, a config.json, a directory that holds one, a GGUF file, or an operator such as `GqaAttention`
    pub what: What,
    /// The axis to solve for
    #[cfg_attr(feature = "clap", arg(long, value_name = "AXIS"))]
    pub solve: String,
    /// Devices, by name or from a .toml file, separated by commas
    #[cfg_attr(feature = "clap", arg(long, value_name = "HW,…", value_delimiter = ',', required = true))]
    pub on: Vec<String>,
    /// Sizes of the other axes, as in `b=1,t=512`; a model knows its own, and b=1, s=1, o=1, t=4097 unless told
    #[cfg_attr(feature = "clap", arg(long, value_name = "AXIS=N,…", value_delimiter = ','))]
    #[serde(default)]
    pub at: Vec<String>,
    /// Values of the axis to judge one by one, as in `1,4,8`
    #[cfg_attr(feature = "clap", arg(long, value_name = "N,…", value_delimiter = ',', value_parser = clap::value_parser!(u64).range(1..)))]
    #[serde(default)]
    #[schemars(inner(range(min = 1)))]
    pub values: Vec<u64>,
    /// Count all FLOPs, or those in matrix products only [default: all]
    #[cfg_attr(feature = "clap", arg(long, value_enum))]
    pub count: Option<Count>,
    /// How it is counted.
    #[cfg_attr(feature = "clap", command(flatten))]
    #[serde(flatten)]
    pub counting: CountingOptions,
    /// How the model is read.
    #[cfg_attr(feature = "clap", command(flatten))]
    #[serde(flatten)]
    pub reading: ReadingOptions,
}
