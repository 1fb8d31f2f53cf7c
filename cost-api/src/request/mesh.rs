//! Which devices of a mesh compute what.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Which devices of a mesh compute what.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
#[serde(default)]
pub struct MeshOptions {
    /// The axes of the mesh and the ranks along each, as in `dp=4,tp=8`: devices along the last axis are neighbours. By default
    /// tp cuts heads, feed-forward widths and the vocabulary, ep experts, dp sequences, cp positions, pp layers into stages
    #[cfg_attr(feature = "clap", arg(long, value_name = "AXIS=N,…", value_delimiter = ','))]
    pub mesh: Vec<String>,
    /// Axes that are cut otherwise, as in `e=dp+tp`; an axis that is whole, as in `v=`
    #[cfg_attr(feature = "clap", arg(long, value_name = "AXIS=MESH+…", value_delimiter = ',', requires = "mesh"))]
    pub shard: Vec<String>,
    /// Cut positions over tp between products
    #[cfg_attr(feature = "clap", arg(long, requires = "mesh"))]
    pub sp: bool,
    /// Leave results as they fall, rather than whole on every device
    #[cfg_attr(feature = "clap", arg(long, requires = "mesh"))]
    pub leave_cut: bool,
    /// In how many parts sequences go through the stages of a pipeline [default: as many as there are stages, or fewer]
    #[cfg_attr(feature = "clap", arg(long, value_name = "N", requires = "mesh", allow_negative_numbers = true, value_parser = clap::value_parser!(u64).range(1..)))]
    #[schemars(range(min = 1))]
    pub microbatches: Option<u64>,
}

/// How exchanges are timed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
#[serde(default)]
pub struct TimingOptions {
    /// Whether exchanges and computation overlap [default: full]
    #[cfg_attr(feature = "clap", arg(long, value_enum))]
    pub overlap: Option<Overlap>,
    /// Whether an exchange takes at least what the shortest takes that was measured [default: measured]
    #[cfg_attr(feature = "clap", arg(long, value_enum))]
    pub latency: Option<Latency>,
}

/// Whether exchanges and computation overlap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
#[serde(rename_all = "snake_case")]
pub enum Overlap {
    /// A step takes at least the longer of the two.
    Full,
    /// A step takes at least both together.
    None,
}

/// What counts of an exchange's time beside its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
#[serde(rename_all = "snake_case")]
pub enum Latency {
    /// The shortest that was measured.
    Measured,
    /// Nothing.
    None,
}
