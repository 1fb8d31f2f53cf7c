//! The arguments of commands, and those that several have.

use clap::{Args, ValueEnum};

/// A request, and how its answer is printed.
#[derive(Args)]
pub(crate) struct Printed<Request: Args> {
    #[command(flatten)]
    pub(crate) request: Request,
    #[command(flatten)]
    pub(crate) output: ListArgs,
}

#[derive(Args)]
pub(crate) struct ModelsArgs {
    /// The model types that are known instead, as a markdown page
    #[arg(long, conflicts_with_all = ["strict", "json"])]
    pub(crate) types: bool,
    /// Refuse a config with fields that nothing is known about
    #[arg(long)]
    pub(crate) strict: bool,
    #[command(flatten)]
    pub(crate) output: ListArgs,
}

#[derive(Args)]
pub(crate) struct HardwareArgs {
    /// Devices, by name or from a .toml file; all built-in ones if none is named
    pub(crate) devices: Vec<String>,
    /// Where each device's figures are from
    #[arg(long)]
    pub(crate) sources: bool,
    #[command(flatten)]
    pub(crate) output: ListArgs,
}

#[derive(Args)]
pub(crate) struct PublishedArgs {
    /// Only the figures of this document
    #[arg(long, value_enum)]
    pub(crate) document: Option<DocumentArg>,
    /// Only the figures with this verdict
    #[arg(long, value_enum)]
    pub(crate) verdict: Option<VerdictArg>,
    /// JSON instead of a table
    #[arg(long, conflicts_with = "markdown")]
    pub(crate) json: bool,
    /// A markdown page instead of a table
    #[arg(long)]
    pub(crate) markdown: bool,
}

#[derive(Args)]
pub(crate) struct ListArgs {
    /// JSON instead of a table
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum DocumentArg {
    /// The myth of decoding large models
    #[value(name = "000")]
    Myth,
    /// The memory bandwidth bottleneck of attention
    #[value(name = "001")]
    Bandwidth,
    /// From MHA to MQA, GQA and MLA
    #[value(name = "002")]
    Heads,
    /// Decoding efficiency and acceleration
    #[value(name = "003")]
    Acceleration,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum VerdictArg {
    Derive,
    Exact,
    Rounded,
    Convention,
    Erratum,
    Empirical,
    Pending,
}
