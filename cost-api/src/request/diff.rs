//! What changed between two costs.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::choice::{Logits, Phase};
use super::mesh::{MeshOptions, TimingOptions};
use super::options::{CountingOptions, ReadingOptions};
use super::what::What;

/// What changed between two costs; exits 1 if anything did, or more than is allowed
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
pub struct DiffRequest {
    /// What it was: a file of reports as `cost report --json` prints them, a model, a config.json, an operator or a file of
    /// them; a file as it was in a revision of Git as REVISION:PATH
    pub old: What,
    /// What it is now; without it, each report of the first is asked for again
    pub new: Option<What>,
    /// A change that is too much, as in 'decode.bytes > +1%', 'params > +1M', 'memory > 80G' or 'intensity < -5%'; without
    /// any, every change is
    #[cfg_attr(feature = "clap", arg(long, value_name = "FIGURE>LIMIT"))]
    #[serde(default)]
    pub fail_on: Vec<String>,
    /// The new figures instead, as github-action-benchmark reads them
    #[cfg_attr(feature = "clap", arg(long))]
    #[serde(default)]
    pub benchmark: bool,
    /// Sizes of an operator's axes, all of them; without any, formulas are compared
    #[cfg_attr(feature = "clap", arg(long, value_name = "AXIS=N,…", value_delimiter = ','))]
    #[serde(default)]
    pub at: Vec<String>,
    /// [default: both]
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
    /// Devices whose times are compared too, by name or from a .toml file, separated by commas
    #[cfg_attr(feature = "clap", arg(long, value_name = "HW,…", value_delimiter = ','))]
    #[serde(default)]
    pub on: Vec<String>,
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
    /// Logits of the last token or of all [default: last]
    #[cfg_attr(feature = "clap", arg(long, value_enum))]
    pub logits: Option<Logits>,
    /// How models are read.
    #[cfg_attr(feature = "clap", command(flatten))]
    #[serde(flatten)]
    pub reading: ReadingOptions,
}
