//! Constants of a device, from measured times.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::choice::Columns;

/// The few constants that turn bounds into times, fitted to measured times of kernels and collectives
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
pub struct CalibrateRequest {
    /// CSV files, a row for each measured time: `operator`, `at` (as in `b=1 s=16 d=4096 f=11008`), `us`, and where known
    /// `formats`, `multiply`, `cache` (warm or cold), `engine`, `kernel`, `device`
    #[cfg_attr(feature = "clap", arg(value_name = "FILE", required = true))]
    pub files: Vec<String>,
    /// The device that they were measured on, by name or from a .toml file
    #[cfg_attr(feature = "clap", arg(long, value_name = "HW"))]
    pub on: String,
    /// Whose names the columns have [default: own]
    #[cfg_attr(feature = "clap", arg(long = "as", value_enum, value_name = "WHOSE"))]
    #[serde(rename = "as", default)]
    pub columns: Option<Columns>,
}

/// How long kernels are taken to take.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
#[serde(default)]
pub struct TimeOptions {
    /// Times: the least that steps can take, or beside them what they take by constants that were measured [default: bound]
    #[cfg_attr(feature = "clap", arg(long, value_enum, help_heading = "Time"))]
    pub time: Option<super::choice::Time>,
    /// Take the constants of this device for one that has none of its own
    #[cfg_attr(feature = "clap", arg(long, value_name = "HW", help_heading = "Time"))]
    pub calibrated_as: Option<String>,
    /// Whose kernels: vllm, sglang, trtllm, … [default: any, all that were measured]
    #[cfg_attr(feature = "clap", arg(long, value_name = "NAME", help_heading = "Time"))]
    pub engine: Option<String>,
    /// Kernels are launched one by one, without graphs
    #[cfg_attr(feature = "clap", arg(long, help_heading = "Time"))]
    pub eager: bool,
}
