//! What a step of a model costs, or an operator at sizes.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::calibrate::TimeOptions;
use super::choice::{Logits, Phase};
use super::mesh::{MeshOptions, TimingOptions};
use super::options::{CountingOptions, HostOptions, OffloadOptions, ReadingOptions};
use super::what::What;

/// What a prefill or decode step of a model costs, or an operator at sizes, kernel by kernel, and what bounds it
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
pub struct ReportRequest {
    /// A built-in model, a config.json, a directory that holds one (and maybe weights), a GGUF file, or an operator such as
    /// `GqaAttention`
    pub what: What,
    /// Sizes of an operator's axes, all of them, as in `b=1,s=2048,d=4096,f=11008`
    #[cfg_attr(feature = "clap", arg(long, value_name = "AXIS=N,…", value_delimiter = ','))]
    #[serde(default)]
    pub at: Vec<String>,
    /// [default: decode; prefill for an encoder]
    #[cfg_attr(feature = "clap", arg(long, value_enum))]
    pub phase: Option<Phase>,
    /// Sequences [default: 1]
    #[cfg_attr(feature = "clap", arg(long, allow_negative_numbers = true, value_parser = clap::value_parser!(u64).range(1..)))]
    #[schemars(range(min = 1))]
    pub batch: Option<u64>,
    /// Tokens in the cache [default: 4096 in decode, or as many as a model with a source takes, 0 in prefill]
    #[cfg_attr(feature = "clap", arg(long, allow_negative_numbers = true))]
    pub past: Option<u64>,
    /// New tokens [default: 1 in decode, 2048 in prefill, or as many as a model with an encoder takes]
    #[cfg_attr(feature = "clap", arg(long, allow_negative_numbers = true, value_parser = clap::value_parser!(u64).range(1..)))]
    #[schemars(range(min = 1))]
    pub tokens: Option<u64>,
    /// Images in each prompt, whose tokens are among its new ones in a prefill [default: 0, or 1 with --image-tokens]
    #[cfg_attr(feature = "clap", arg(long, value_name = "N", allow_negative_numbers = true, value_parser = clap::value_parser!(u64).range(1..)))]
    #[schemars(range(min = 1))]
    pub images: Option<u64>,
    /// Tokens that the text part takes for each image [default: those of an image of the size that the config says]
    #[cfg_attr(feature = "clap", arg(long, value_name = "N", allow_negative_numbers = true, value_parser = clap::value_parser!(u64).range(1..)))]
    #[schemars(range(min = 1))]
    pub image_tokens: Option<u64>,
    /// Seconds of sound in each prompt, whose tokens are among its new ones in a prefill
    #[cfg_attr(feature = "clap", arg(long, value_name = "S", allow_negative_numbers = true))]
    pub audio_seconds: Option<f64>,
    /// Devices, by name or from a .toml file, separated by commas; several of one with --mesh, as in 8xh100
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
    /// How long kernels are taken to take.
    #[cfg_attr(feature = "clap", command(flatten))]
    #[serde(flatten)]
    pub times: TimeOptions,
    /// How it is counted.
    #[cfg_attr(feature = "clap", command(flatten))]
    #[serde(flatten)]
    pub counting: CountingOptions,
    /// What is left in the host's memory.
    #[cfg_attr(feature = "clap", command(flatten))]
    #[serde(flatten)]
    pub offload: OffloadOptions,
    /// The host.
    #[cfg_attr(feature = "clap", command(flatten))]
    #[serde(flatten)]
    pub host: HostOptions,
    /// List the parameters and caches that the step reads, by their GGUF names
    #[cfg_attr(feature = "clap", arg(long))]
    #[serde(default)]
    pub tensors: bool,
    /// Logits of the last token or of all [default: last]
    #[cfg_attr(feature = "clap", arg(long, value_enum))]
    pub logits: Option<Logits>,
    /// How the model is read.
    #[cfg_attr(feature = "clap", command(flatten))]
    #[serde(flatten)]
    pub reading: ReadingOptions,
}

impl ReportRequest {
    /// A report of something, with nothing else said.
    pub fn of(what: What) -> Self {
        Self {
            what,
            at: Vec::new(),
            phase: None,
            batch: None,
            past: None,
            tokens: None,
            images: None,
            image_tokens: None,
            audio_seconds: None,
            on: Vec::new(),
            mesh: MeshOptions::default(),
            timing: TimingOptions::default(),
            times: TimeOptions::default(),
            counting: CountingOptions::default(),
            offload: OffloadOptions::default(),
            host: HostOptions::default(),
            tensors: false,
            logits: None,
            reading: ReadingOptions::default(),
        }
    }
}
