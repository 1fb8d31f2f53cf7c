//! The arguments of `cost decode`.

use clap::{Args, ValueEnum};

use crate::args::{CountingArgs, ListArgs, ReadingArgs};

#[derive(Args)]
pub(crate) struct DecodeArgs {
    /// A built-in model, a config.json, or a directory that holds one
    pub(crate) model: String,
    /// The device, by name or from a .toml file with one entry
    #[arg(long, value_name = "HW")]
    pub(crate) on: String,
    /// How to decode; several methods, separated by commas, are compared
    #[arg(long, value_enum, value_name = "METHOD,…", value_delimiter = ',', default_value = "plain")]
    pub(crate) method: Vec<Method>,
    #[command(flatten)]
    pub(crate) task: TaskArgs,
    #[command(flatten)]
    pub(crate) counting: CountingArgs,
    #[command(flatten)]
    pub(crate) reading: ReadingArgs,
    #[command(flatten)]
    pub(crate) output: ListArgs,
}

#[derive(Args)]
#[command(next_help_heading = "What is decoded")]
pub(crate) struct TaskArgs {
    /// Sequences decoded together
    #[arg(long, default_value_t = 1, allow_negative_numbers = true)]
    pub(crate) batch: u64,
    /// Tokens of each prompt
    #[arg(long, default_value_t = 1024, allow_negative_numbers = true)]
    pub(crate) prompt: u64,
    /// Tokens of each answer
    #[arg(long, default_value_t = 256, allow_negative_numbers = true)]
    pub(crate) output: u64,
}

/// A way to decode.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Method {
    /// Token by token, with a key/value cache and without
    Plain,
}
