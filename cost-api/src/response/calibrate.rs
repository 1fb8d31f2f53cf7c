//! Constants of a device, and how well they do.

use cost_core::hardware::Hardware;
use serde::Serialize;

/// Constants that were fitted, and how far off they are.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Calibration {
    /// The device's id.
    pub device: String,
    /// Rows that were fitted to.
    pub rows: u64,
    /// Rows with a note, which are no evidence.
    pub noted: u64,
    /// Rows of other devices.
    pub elsewhere: u64,
    /// By kind of work and class, over groups of one kernel: what was held out by shape.
    pub summary: Vec<WorkSummary>,
    /// Every group: the rows of one engine's kernel, and of all (`any`).
    pub groups: Vec<WorkGroup>,
    /// By kind of collective.
    pub exchanges: Vec<ExchangeFit>,
    /// How many rows are faster than what their bound leaves without the cache: a fault of one of the two.
    pub faster_rows: u64,
    /// The first of them.
    pub faster: Vec<FasterRow>,
    /// What is to be said beside.
    pub notes: Vec<String>,
    /// The constants as a device's file.
    pub toml: String,
    /// The device, with its constants.
    #[serde(skip)]
    pub hardware: Hardware,
    /// The constants alone, as they come with a built-in device.
    #[serde(skip)]
    pub constants: String,
}

/// What groups of rows of one kind of work have in common.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct WorkSummary {
    /// `gemm`, `attention_decode`, …
    pub work: &'static str,
    /// The class of numbers.
    pub class: &'static str,
    /// How many groups of one kernel.
    pub groups: usize,
    /// How many rows.
    pub rows: usize,
    /// The median over groups of their mean |predicted/measured − 1|.
    pub mape: f64,
    /// The median over rows.
    pub median: f64,
    /// The share of rows in their 80 % intervals.
    pub coverage: f64,
}

/// A group of rows.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct WorkGroup {
    /// The engine, or `any`.
    pub engine: String,
    /// The kernel, of one engine.
    pub kernel: String,
    /// Formats that it reads, where they aren't those of its class.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub stored: String,
    /// `gemm`, `attention_decode`, …
    pub work: &'static str,
    /// The class of numbers.
    pub class: &'static str,
    /// How many rows.
    pub rows: u32,
    /// How many shapes.
    pub shapes: usize,
    /// Whether shape terms are medians of shipped ones, as rows are too few.
    pub borrowed: bool,
    /// Mean |predicted/measured − 1| of rows held out by shape.
    pub mape: f64,
    /// Its median.
    pub median: f64,
    /// A tenth of the rows held out took less than this many times what was predicted,
    pub low: f64,
    /// and a tenth more than this many.
    pub high: f64,
    /// The share of rows in between, by intervals of other rows.
    pub coverage: f64,
    /// Seconds that any kernel takes.
    pub launch_s: f64,
    /// The share of the peak that is reached.
    pub compute: f64,
    /// The share of the bandwidth.
    pub memory: f64,
}

/// How a collective's constants do.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ExchangeFit {
    /// `all_reduce`, …
    pub kind: String,
    /// How many rows.
    pub rows: u32,
    /// Rows over links that aren't known.
    pub left_out: usize,
    /// Mean |predicted/measured − 1| of rows held out by size.
    pub mape: f64,
    /// Seconds of the smallest between two ranks.
    pub latency_s: f64,
    /// The share of the link's bandwidth that is reached.
    pub share: f64,
}

/// A row faster than its bound.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FasterRow {
    /// The file.
    pub file: String,
    /// The line.
    pub line: u64,
    /// What was measured.
    pub what: String,
    /// Seconds measured.
    pub seconds: f64,
    /// Seconds at least.
    pub lower_bound_s: f64,
}
