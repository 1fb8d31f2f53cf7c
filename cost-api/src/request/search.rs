//! Which mesh to take.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::choice::Phase;
use super::mesh::TimingOptions;
use super::options::{CountingOptions, ReadingOptions};
use super::what::What;

/// Which meshes of devices a model runs best on, and what its steps take there at least
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
pub struct MeshRequest {
    /// A built-in model, a config.json, a directory that holds one (and maybe weights), or a GGUF file
    pub model: What,
    /// How many devices there are at most, and which, as in 64xh100
    #[cfg_attr(feature = "clap", arg(long, value_name = "NxHW"))]
    pub on: String,
    /// [default: decode]
    #[cfg_attr(feature = "clap", arg(long, value_enum))]
    pub phase: Option<Phase>,
    /// Sequences in all [default: as many as are best]
    #[cfg_attr(feature = "clap", arg(long, allow_negative_numbers = true, value_parser = clap::value_parser!(u64).range(1..)))]
    #[schemars(range(min = 1))]
    pub batch: Option<u64>,
    /// Tokens of each in the cache [default: 4096 in decode, 0 in prefill]
    #[cfg_attr(feature = "clap", arg(long, allow_negative_numbers = true))]
    pub past: Option<u64>,
    /// New tokens of each [default: 1 in decode, 2048 in prefill]
    #[cfg_attr(feature = "clap", arg(long, allow_negative_numbers = true, value_parser = clap::value_parser!(u64).range(1..)))]
    #[schemars(range(min = 1))]
    pub tokens: Option<u64>,
    /// What comes first: the shortest step, the most tokens a second and device, or the fewest devices [default: latency]
    #[cfg_attr(feature = "clap", arg(long = "for", value_enum))]
    #[serde(rename = "for")]
    pub aim: Option<Aim>,
    /// The longest that a step may take, as in `50ms`
    #[cfg_attr(feature = "clap", arg(long, value_name = "TIME"))]
    pub within: Option<String>,
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

/// What comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
#[serde(rename_all = "snake_case")]
pub enum Aim {
    /// The shortest step.
    Latency,
    /// The most tokens a second and device.
    Throughput,
    /// The fewest devices, and the least memory of each.
    Memory,
}
