//! Where a kernel's figures come from.

use cost_models::Note;
use cost_models::report::Bytes;
use serde::Serialize;

/// Where the figures of a kernel come from. They are for one repetition.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Explain {
    /// The model's step, or the operator at sizes, in words.
    pub of: String,
    /// The kernel's path.
    pub kernel: String,
    /// The operator in whose body it is.
    pub operator: String,
    /// That operator's axes that have other names in the formulas, and what they are there.
    pub axes: Vec<(String, String)>,
    /// The axes that occur in the formulas, and the sizes that are put in.
    pub sizes: Vec<(String, u128)>,
    /// How often it runs, as a formula and as a number.
    pub repeat_formula: String,
    /// The number.
    pub repeat: u128,
    /// The steps that compute something. Their FLOPs add up to `flops`.
    pub steps: Vec<ExplainedStep>,
    /// What is read and written. The bytes add up to `bytes`.
    pub operands: Vec<ExplainedOperand>,
    /// All FLOPs, as a formula and as a number.
    pub flops_formula: String,
    /// The number.
    pub flops: u128,
    /// All bytes, as a formula and as a number.
    pub bytes_formula: String,
    /// The number.
    pub bytes: Bytes,
    /// FLOP per byte; 0 where nothing is moved.
    pub intensity: f64,
    /// What bounds it, device by device.
    pub hardware: Vec<ExplainedTime>,
    /// What is to be said beside the numbers.
    pub notes: Vec<Note>,
}

/// A step of a kernel.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ExplainedStep {
    /// Its `let`, or its operation.
    pub name: String,
    /// The step as an operator's body has it.
    pub text: String,
    /// The class in which it multiplies; nothing for what runs on vector units.
    pub class: Option<&'static str>,
    /// FLOPs for each element.
    pub per_element: u64,
    /// What they are.
    pub why: &'static str,
    /// The axes of the elements, as the operator calls them.
    pub over: Vec<String>,
    /// What of these elements counts, if not all.
    pub only: Vec<&'static str>,
    /// Its FLOPs, as a formula and as a number.
    pub flops_formula: String,
    /// The number.
    pub flops: u128,
}

/// What a kernel moves of a tensor.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ExplainedOperand {
    /// Its path.
    pub path: String,
    /// Its name in GGUF files, if it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gguf: Option<String>,
    /// Its name in safetensors files, relative to its layer, if it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hf: Option<String>,
    /// What it is for: `Act`, `Weight`, `Cache`, `State` or `Ids`.
    pub role: &'static str,
    /// Whether it is written rather than read.
    pub written: bool,
    /// Its axes, as the operator calls them.
    pub shape: Vec<String>,
    /// Its number format.
    pub format: String,
    /// Bits of an element in it, scales and zero points included where they are a fixed part of each group.
    pub bits: String,
    /// The rule by which it is moved.
    pub rule: String,
    /// Its bytes, as a formula and as a number.
    pub bytes_formula: String,
    /// The number.
    pub bytes: Bytes,
}

/// How long a kernel takes at least on a device, for one repetition.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ExplainedTime {
    /// The device's id.
    pub name: String,
    /// Products by class, with the device's peak for it (FLOP per second) and the seconds that they take.
    pub products: Vec<ExplainedUnit>,
    /// Everything else, on vector units.
    pub vector: ExplainedUnit,
    /// Bytes, with the device's bandwidth (bytes per second).
    pub memory: ExplainedUnit,
    /// The largest of the three: products one after the other, everything else, bytes.
    pub lower_bound_s: f64,
    /// What it waits for.
    pub bound: &'static str,
}

/// An amount, how much of it a unit does in a second, and how long that takes.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ExplainedUnit {
    /// The class of products, `vector` or `memory`.
    pub unit: &'static str,
    /// FLOPs or bytes.
    pub amount: f64,
    /// Of that per second.
    pub rate: f64,
    /// Seconds.
    pub seconds: f64,
}
