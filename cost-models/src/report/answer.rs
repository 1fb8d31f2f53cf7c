//! The object that a report is, as it serialises to the documented JSON.

use cost_core::cost::Traffic;
use serde::{Serialize, Serializer};

use super::bytes::Bytes;
use super::memory::Memory;
use super::mesh::OnMesh;
use super::time::CalibratedTime;
use crate::note::Note;

/// The answer to "what does this cost?": of a model's step, or of an operator at sizes.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Report<Of = Step> {
    /// What it is about.
    #[serde(flatten)]
    pub of: Of,
    /// Number formats by role.
    pub formats: FormatNames,
    /// Parameters.
    pub params: Params,
    /// Caches.
    pub cache: Cache,
    /// What is in memory.
    pub memory: Memory,
    /// FLOPs of the step.
    pub flops: Flops,
    /// Bytes that the step moves.
    pub bytes: MovedBytes,
    /// FLOP per byte.
    pub intensity: f64,
    /// Its kernels.
    pub kernels: Vec<KernelReport>,
    /// How long it takes at least and whether it fits, by device.
    pub hardware: Vec<HardwareReport>,
    /// Every parameter and cache that the step reads, in order; only where it is asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tensors: Vec<TensorRead>,
    /// What is to be said beside the numbers.
    pub notes: Vec<Note>,
    /// The mesh that the device is of, if it is of one: then all figures but `params.total` are of that device.
    #[serde(flatten)]
    pub on_mesh: Option<OnMesh>,
    /// The version of this object's layout: larger with every change that can break a reader.
    pub schema: u32,
}

/// A model's step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Step {
    /// The model's name.
    pub model: String,
    /// `prefill` or `decode`.
    pub phase: &'static str,
    /// Number of sequences.
    pub batch: u64,
    /// Tokens in the cache.
    pub past: u64,
    /// New tokens.
    pub tokens: u64,
    /// Tokens of each prompt that are of images or sounds, where that was asked; left out of the JSON if not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tower_tokens: Option<u128>,
}

/// An operator at sizes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AtSizes {
    /// The operator's name.
    pub operator: String,
    /// The size of each axis, in the order of declaration.
    #[serde(serialize_with = "as_map")]
    #[cfg_attr(feature = "schema", schemars(with = "std::collections::BTreeMap<String, u64>"))]
    pub at: Vec<(String, u64)>,
}

fn as_map<S: Serializer>(pairs: &[(String, u64)], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(pairs.iter().map(|(name, size)| (name, size)))
}

/// The version of the JSON's layout. 2 added `notes`.
pub const SCHEMA: u32 = 2;

/// Number formats, as they are written on the command line.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FormatNames {
    /// Of parameters.
    pub weights: String,
    /// Of activations.
    pub acts: String,
    /// Of caches.
    pub cache: String,
}

/// Numbers of parameters.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Params {
    /// All of them.
    pub total: u128,
    /// Those that one token uses: `top` experts of each routed layer, the whole embedding and head.
    pub active: u128,
    /// Of the embedding table.
    pub embedding: u128,
    /// Of the head; 0 where it is the embedding table.
    pub lm_head: u128,
    /// Of attention, biases included.
    pub attention: u128,
    /// Of feed-forward networks.
    pub ffn: u128,
    /// Of normalisations.
    pub norm: u128,
    /// Of everything else.
    pub other: u128,
    /// Of the modules that predict further tokens, in none of the other numbers; left out of the JSON if 0.
    #[serde(skip_serializing_if = "is_zero")]
    pub mtp: u128,
    /// What files hold and kernels read but is no parameter, in none of the other numbers; left out of the JSON if 0.
    #[serde(skip_serializing_if = "is_zero")]
    pub buffers: u128,
}

/// Cache sizes.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Cache {
    /// Bytes that one token of one sequence adds while no window is full; 0 for an operator without an axis `t`.
    pub bytes_per_token: Bytes,
    /// Bytes of all sequences, new tokens and recurrent states included.
    pub bytes_total: Bytes,
    /// Bytes of them that are recurrent states, which don't grow with tokens; left out of the JSON if 0.
    #[serde(skip_serializing_if = "Bytes::is_zero")]
    pub state_bytes: Bytes,
}

/// FLOPs by unit.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Flops {
    /// All of them.
    pub total: u128,
    /// In summed products, 2 for each multiply-add.
    pub matmul: u128,
    /// In everything else.
    pub vector: u128,
}

/// Bytes moved, by role and direction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MovedBytes {
    /// All of them.
    pub total: Bytes,
    /// Parameters read, and written where `write` does.
    pub weights: Bytes,
    /// Activations and token ids read.
    pub acts_read: Bytes,
    /// Activations written.
    pub acts_written: Bytes,
    /// Caches and states read.
    pub cache_read: Bytes,
    /// Caches and states written.
    pub cache_written: Bytes,
}

impl MovedBytes {
    /// The traffic, from bits.
    pub fn of_bits(bits: &Traffic<u128>) -> cost_core::Result<Self> {
        Ok(Self {
            total: Bytes::of_bits(bits.total()?),
            weights: Bytes::of_bits(bits.weights),
            acts_read: Bytes::of_bits(bits.acts_read),
            acts_written: Bytes::of_bits(bits.acts_written),
            cache_read: Bytes::of_bits(bits.cache_read),
            cache_written: Bytes::of_bits(bits.cache_written),
        })
    }
}

/// One kernel; figures are for one repetition.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct KernelReport {
    /// The enclosing calls and what it computes.
    pub path: String,
    /// How often it runs.
    pub repeat: u128,
    /// All its FLOPs.
    pub flops: u128,
    /// Its FLOPs in summed products.
    pub matmul: u128,
    /// The class of numbers that most of them multiply in ([`cost_core::format::Class::name`]), for which times are bounds; nothing if there
    /// are none.
    pub class: Option<&'static str>,
    /// Bytes that it moves.
    pub bytes: Bytes,
    /// FLOP per byte.
    pub intensity: f64,
    /// Its FLOPs in the axes of the architecture.
    pub flops_formula: String,
    /// Its bytes in the axes of the architecture.
    pub bytes_formula: String,
}

/// A parameter or cache that a kernel reads; bytes are for one repetition.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TensorRead {
    /// Its name in GGUF files, or its path where it has none.
    pub name: String,
    /// `weight`, `cache` or `state`.
    pub role: &'static str,
    /// Its number format.
    pub format: String,
    /// The kernel that reads it.
    pub kernel: String,
    /// How often.
    pub repeat: u128,
    /// Bytes, scales and zero points included.
    pub bytes: Bytes,
}

/// A device's verdict.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct HardwareReport {
    /// The device's id.
    pub name: String,
    /// Its ridge point for most of the step's products, FLOP per byte.
    pub ridge: f64,
    /// Seconds that the step takes at least.
    pub lower_bound_s: f64,
    /// What the step waits for: `memory`, `compute` or, on a mesh, `link`; where weights are left in the host's memory also `host` or
    /// `link`.
    pub bound: &'static str,
    /// Seconds that exchanges take at least; only on a mesh.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link_s: Option<f64>,
    /// Seconds that each stage of a pipeline takes for one part of the sequences at least; only where there are stages.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stages_s: Vec<f64>,
    /// Seconds of the step in which the stage that takes longest waits for others; only where there are stages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bubble_s: Option<f64>,
    /// What the step takes by constants that were fitted to measured times; only where that is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calibrated: Option<CalibratedTime>,
    /// The device's memory; nothing if it isn't known.
    pub memory: Option<Bytes>,
    /// Whether what is in memory fits it.
    pub fits: Option<bool>,
    /// Each kernel's verdict.
    pub kernels: Vec<KernelVerdict>,
}

/// A kernel's verdict on a device, for one repetition.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct KernelVerdict {
    /// The kernel's path.
    pub path: String,
    /// What it waits for.
    pub bound: &'static str,
    /// Seconds that it takes at least.
    pub lower_bound_s: f64,
    /// Seconds that it takes by constants that were fitted to measured times; only where that is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calibrated_s: Option<f64>,
}

const fn is_zero(count: &u128) -> bool {
    *count == 0
}
