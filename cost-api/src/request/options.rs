//! The options that several requests have.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::choice::{ComputeOn, Masking, Mla};

/// How a step is counted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
#[serde(default)]
pub struct CountingOptions {
    /// Number formats by role.
    #[cfg_attr(feature = "clap", command(flatten))]
    #[serde(flatten)]
    pub formats: FormatOptions,
    /// What counts how.
    #[cfg_attr(feature = "clap", command(flatten))]
    #[serde(flatten)]
    pub rules: RuleOptions,
}

/// Number formats by role.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
#[serde(default)]
pub struct FormatOptions {
    /// Number format of the weights: bf16, int8, int4:g128:f16, mxfp4, …, or the type of a GGUF file: q4_k_m, iq4_xs, …
    /// [default: what the model is stored in, or bf16]
    #[cfg_attr(feature = "clap", arg(long, value_name = "F"))]
    pub weights: Option<String>,
    /// Number format of the activations [default: what the model says, or bf16]
    #[cfg_attr(feature = "clap", arg(long, value_name = "F"))]
    pub acts: Option<String>,
    /// Number format of the key/value cache [default: what the model says, or bf16]
    #[cfg_attr(feature = "clap", arg(long, value_name = "F"))]
    pub cache: Option<String>,
}

/// Number formats by tensor.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
#[serde(default)]
pub struct SetOptions {
    /// Number format of the tensors whose path or name in files matches, as in '*.keys=int8' or, of one layer,
    /// 'blk.0.ffn_down.weight=q6_k'; the last match decides
    #[cfg_attr(feature = "clap", arg(long, value_name = "PATTERN=F"))]
    pub set: Vec<String>,
}

/// What is left in the memory of a device's host.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
#[serde(default)]
pub struct OffloadOptions {
    /// Leave the weights whose path or name in files matches in the memory of the device's host, as in
    /// 'blk.*.ffn_*_exps.*' or, of the layers from 20 on, 'blk.{20..}.*'
    #[cfg_attr(feature = "clap", arg(long, value_name = "PATTERN"))]
    pub offload: Vec<String>,
}

/// The host of a device.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
#[serde(default)]
pub struct HostOptions {
    /// The device that is the host, by name or from a .toml file: its memory's bandwidth, and its peaks
    #[cfg_attr(feature = "clap", arg(long, value_name = "HW", requires = "offload"))]
    pub host: Option<String>,
    /// Who computes with the weights that are left in the host's memory [default: host]
    #[cfg_attr(feature = "clap", arg(long, value_name = "WHO", requires = "offload"))]
    pub offload_compute: Option<ComputeOn>,
}

/// What counts how.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
#[serde(default)]
pub struct RuleOptions {
    /// Number formats by tensor.
    #[cfg_attr(feature = "clap", command(flatten))]
    #[serde(flatten)]
    pub set: SetOptions,
    /// What products multiply in: bf16, fp8, int8, fp4, int4 or f32, of all products or of those whose kernel's path or
    /// operand matches, as in '*.experts.*=fp8' [default: what the model says, or the wider of what is stored]
    #[cfg_attr(feature = "clap", arg(long, value_name = "[PATTERN=]F"))]
    pub multiply: Vec<String>,
    /// Count the query–key pairs that exist, or the whole rectangle as PyTorch's counter does [default: exact]
    #[cfg_attr(feature = "clap", arg(long, value_enum))]
    pub masking: Option<Masking>,
    /// Distinct experts that a step touches in each layer: `expected` under uniform routing, `worst` for as many as
    /// possible, or a number [default: expected]
    #[cfg_attr(feature = "clap", arg(long, allow_hyphen_values = true))]
    pub routing: Option<String>,
}

/// How a model is read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
#[serde(default)]
pub struct ReadingOptions {
    /// Weights in GGUF or safetensors files, whose headers say how each tensor is stored
    #[cfg_attr(feature = "clap", arg(long, value_name = "FILE"))]
    pub weights_file: Option<String>,
    /// A declaration of a model type in TOML, for a config whose type isn't known
    #[cfg_attr(feature = "clap", arg(long, value_name = "FILE.toml"))]
    pub family: Option<String>,
    /// Read the config as one of this model type, whatever type it says
    #[cfg_attr(feature = "clap", arg(long, value_name = "TYPE"))]
    pub like: Option<String>,
    /// Of a model that takes other inputs too the text part alone
    #[cfg_attr(feature = "clap", arg(long))]
    pub text_only: bool,
    /// Refuse a config with fields that nothing is known about, instead of warning
    #[cfg_attr(feature = "clap", arg(long))]
    pub strict: bool,
    /// The form of latent attention; without it plain in prefill and absorbed in decode
    #[cfg_attr(feature = "clap", arg(long, value_name = "FORM"))]
    pub mla: Option<Mla>,
    /// How long the source is that an encoder reads for a decoder, in positions of the encoder: tokens, or 20 ms of sound
    /// each in Whisper [default: as long as the text, or as an encoder of sound takes]
    #[cfg_attr(feature = "clap", arg(long, value_name = "N", allow_negative_numbers = true, value_parser = clap::value_parser!(u64).range(1..)))]
    #[schemars(range(min = 1))]
    pub source: Option<u64>,
}
