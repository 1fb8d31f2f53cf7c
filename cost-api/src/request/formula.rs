//! What a model or an operator costs, as closed formulas.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::mesh::MeshOptions;
use super::options::{CountingOptions, ReadingOptions};
use super::what::What;

/// What a model or an operator costs, as closed formulas
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
pub struct FormulaRequest {
    /// A built-in model, a config.json, a directory that holds one, a GGUF file, or an operator such as `GqaAttention`
    pub what: What,
    /// LaTeX instead of plain text
    #[cfg_attr(feature = "clap", arg(long))]
    #[serde(default)]
    pub latex: bool,
    /// Which devices of a mesh compute what: formulas are in the ranks along its axes.
    #[cfg_attr(feature = "clap", command(flatten))]
    #[serde(flatten)]
    pub mesh: MeshOptions,
    /// How it is counted.
    #[cfg_attr(feature = "clap", command(flatten))]
    #[serde(flatten)]
    pub counting: CountingOptions,
    /// How the model is read.
    #[cfg_attr(feature = "clap", command(flatten))]
    #[serde(flatten)]
    pub reading: ReadingOptions,
}
