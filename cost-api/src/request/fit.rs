//! What fits the memory of devices.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::mesh::MeshOptions;
use super::options::{FormatOptions, OffloadOptions, ReadingOptions, SetOptions};
use super::what::What;

/// How many sequences, or how long a context, fit the memory of devices, and what takes it
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
pub struct FitRequest {
    /// A built-in model, a config.json, a directory that holds one (and maybe weights), or a GGUF file
    pub model: What,
    /// Devices, by name or from a .toml file, separated by commas; several of one with --mesh, as in 8xh100
    #[cfg_attr(feature = "clap", arg(long, value_name = "HW,…", value_delimiter = ',', required = true))]
    pub on: Vec<String>,
    /// How long a context so many sequences can have
    #[cfg_attr(feature = "clap", arg(long, conflicts_with = "past", allow_negative_numbers = true, value_parser = clap::value_parser!(u64).range(1..)))]
    #[schemars(range(min = 1))]
    pub batch: Option<u64>,
    /// How many sequences can decode a token over so many cached ones each
    #[cfg_attr(feature = "clap", arg(long, allow_negative_numbers = true))]
    pub past: Option<u64>,
    /// What is left free of the memory: a share, as in `10%`, or an amount, as in `2GB` or `512MiB` [default: 10%]
    #[cfg_attr(feature = "clap", arg(long, value_name = "AMOUNT", allow_hyphen_values = true))]
    pub headroom: Option<String>,
    /// Which devices of a mesh compute what.
    #[cfg_attr(feature = "clap", command(flatten))]
    #[serde(flatten)]
    pub mesh: MeshOptions,
    /// Number formats by role.
    #[cfg_attr(feature = "clap", command(flatten))]
    #[serde(flatten)]
    pub formats: FormatOptions,
    /// Number formats by tensor.
    #[cfg_attr(feature = "clap", command(flatten))]
    #[serde(flatten)]
    pub set: SetOptions,
    /// What is left in the host's memory.
    #[cfg_attr(feature = "clap", command(flatten))]
    #[serde(flatten)]
    pub offload: OffloadOptions,
    /// How the model is read.
    #[cfg_attr(feature = "clap", command(flatten))]
    #[serde(flatten)]
    pub reading: ReadingOptions,
}

impl FitRequest {
    /// What is left free, as a text.
    pub fn headroom(&self) -> &str {
        self.headroom.as_deref().unwrap_or("10%")
    }
}
