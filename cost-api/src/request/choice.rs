//! The values of options that have a few.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The phase of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the values say it; a text would be in the command line's help")]
pub enum Phase {
    Prefill,
    Decode,
}

/// Whose logits are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the values say it; a text would be in the command line's help")]
pub enum Logits {
    Last,
    All,
}

/// Which pairs of queries and keys are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the values say it; a text would be in the command line's help")]
pub enum Masking {
    Exact,
    Dense,
}

/// The form of latent attention.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
#[serde(rename_all = "kebab-case")]
pub enum Mla {
    /// Keys and values of every head expanded from the latent cache
    Plain,
    /// Queries brought into the latent space, the cache read as it is
    Absorbed,
}

/// Who computes with weights that are left in the host's memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
#[serde(rename_all = "kebab-case")]
pub enum ComputeOn {
    /// The host, at the bandwidth of its memory; what goes in and comes out crosses the link
    Host,
    /// The device; the weights cross the link
    Device,
}

/// Which FLOPs a balance counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the values say it; a text would be in the command line's help")]
pub enum Count {
    All,
    Matmul,
}

/// A document of the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
pub enum Document {
    /// The myth of decoding large models
    #[cfg_attr(feature = "clap", value(name = "000"))]
    #[serde(rename = "000")]
    Myth,
    /// The memory bandwidth bottleneck of attention
    #[cfg_attr(feature = "clap", value(name = "001"))]
    #[serde(rename = "001")]
    Bandwidth,
    /// From MHA to MQA, GQA and MLA
    #[cfg_attr(feature = "clap", value(name = "002"))]
    #[serde(rename = "002")]
    Heads,
    /// Decoding efficiency and acceleration
    #[cfg_attr(feature = "clap", value(name = "003"))]
    #[serde(rename = "003")]
    Acceleration,
    /// Many devices: links, layers and mixtures
    #[cfg_attr(feature = "clap", value(name = "004"))]
    #[serde(rename = "004")]
    Devices,
}

/// How a published figure compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the values say it; a text would be in the command line's help")]
pub enum Verdict {
    Derive,
    Exact,
    Rounded,
    Convention,
    Erratum,
    Empirical,
    Pending,
}

/// Which times are answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
#[serde(rename_all = "kebab-case")]
pub enum Time {
    /// What no device does faster
    Bound,
    /// Beside it what the device takes, by constants that were fitted to measured times
    Calibrated,
}

/// Whose names the columns of measured times have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
#[serde(rename_all = "kebab-case")]
pub enum Columns {
    /// This project's
    Own,
    /// Perf files of aiconfigurator's collectors
    #[cfg_attr(feature = "clap", value(name = "aiconfigurator"))]
    #[serde(rename = "aiconfigurator")]
    AiConfigurator,
    /// Vidur's attention.csv
    Vidur,
    /// What the programs of nccl-tests print
    NcclTests,
}
