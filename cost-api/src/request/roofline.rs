//! The kernels of a step under the roofs of devices.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::choice::Phase;
use super::mesh::{MeshOptions, TimingOptions};
use super::options::{CountingOptions, ReadingOptions};
use super::what::What;

/// How fast the kernels of a step, or of an operator at sizes, are at most, under the roofs of devices
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
pub struct RooflineRequest {
    /// A built-in model, a config.json, a directory that holds one (and maybe weights), a GGUF file, or an operator such as
    /// `GqaAttention`
    pub what: What,
    /// Devices, by name or from a .toml file, separated by commas; several of one with --mesh, as in 8xh100
    #[cfg_attr(feature = "clap", arg(long, value_name = "HW,…", value_delimiter = ',', required = true))]
    pub on: Vec<String>,
    /// Sizes of an operator's axes, all of them, as in `b=1,s=2048,d=4096,f=11008`
    #[cfg_attr(feature = "clap", arg(long, value_name = "AXIS=N,…", value_delimiter = ','))]
    #[serde(default)]
    pub at: Vec<String>,
    /// [default: decode; prefill for an encoder]
    #[cfg_attr(feature = "clap", arg(long, value_enum))]
    pub phase: Option<Phase>,
    /// Sequences [default: 1]
    #[cfg_attr(feature = "clap", arg(long, allow_negative_numbers = true, value_parser = clap::value_parser!(u64).range(1..)))]
    #[schemars(range(min = 1))]
    pub batch: Option<u64>,
    /// Tokens in the cache [default: 4096 in decode, 0 in prefill]
    #[cfg_attr(feature = "clap", arg(long, allow_negative_numbers = true))]
    pub past: Option<u64>,
    /// New tokens [default: 1 in decode, 2048 in prefill, or as many as an encoder takes]
    #[cfg_attr(feature = "clap", arg(long, allow_negative_numbers = true, value_parser = clap::value_parser!(u64).range(1..)))]
    #[schemars(range(min = 1))]
    pub tokens: Option<u64>,
    /// Which devices of a mesh compute what.
    #[cfg_attr(feature = "clap", command(flatten))]
    #[serde(flatten)]
    pub mesh: MeshOptions,
    /// How exchanges are timed.
    #[cfg_attr(feature = "clap", command(flatten))]
    #[serde(flatten)]
    pub timing: TimingOptions,
    /// How it is counted.
    #[cfg_attr(feature = "clap", command(flatten))]
    #[serde(flatten)]
    pub counting: CountingOptions,
    /// How the model is read.
    #[cfg_attr(feature = "clap", command(flatten))]
    #[serde(flatten)]
    pub reading: ReadingOptions,
}
