//! What a model or an operator costs, as closed formulas.

use cost_models::Note;
use serde::Serialize;

/// What a model or an operator costs, as closed formulas.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Formula {
    /// Of which.
    pub name: String,
    /// The axes that occur in the kernels' formulas.
    pub axes: Vec<String>,
    /// Those whose sizes a model knows, which the totals have for them.
    pub sizes: Vec<(String, u64)>,
    /// FLOPs of all kernels.
    pub flops: String,
    /// Those of them that are in matrix products.
    pub matmul: String,
    /// Bytes that all kernels move.
    pub bytes: String,
    /// FLOP per byte.
    pub intensity: String,
    /// What the intensity tends to as the named axis grows.
    pub limits: Vec<(String, String)>,
    /// Bytes that one tile of a tiled operator needs on chip.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tile: Option<String>,
    /// Kernel by kernel.
    pub kernels: Vec<KernelFormula>,
    /// What the devices of a mesh exchange, exchange by exchange.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub exchanges: Vec<ExchangeFormula>,
    /// What is to be said beside the numbers.
    pub notes: Vec<Note>,
}

/// What one exchange moves.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ExchangeFormula {
    /// The enclosing calls and what is exchanged.
    pub path: String,
    /// `all_reduce`, `all_gather`, `reduce_scatter` or `all_to_all`.
    pub kind: &'static str,
    /// How often it takes place.
    pub repeat: String,
    /// Ranks in a group.
    pub ranks: String,
    /// Bytes of the whole array.
    pub bytes: String,
    /// Why it is needed.
    pub reason: String,
}

/// What one repetition of a kernel costs.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct KernelFormula {
    /// The enclosing calls and what it computes.
    pub path: String,
    /// How often it runs.
    pub repeat: String,
    /// FLOPs.
    pub flops: String,
    /// Bytes that it moves.
    pub bytes: String,
}
