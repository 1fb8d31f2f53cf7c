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
    pub(crate) batching: BatchingArgs,
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

#[derive(Args)]
#[command(next_help_heading = "Batching")]
pub(crate) struct BatchingArgs {
    /// Requests from a CSV file with the columns prompt, output and (in seconds) arrival [default: what is decoded, all at
    /// once]
    #[arg(long, value_name = "FILE", conflicts_with = "draw")]
    pub(crate) requests: Option<String>,
    /// Draw so many requests
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub(crate) draw: Option<u64>,
    /// Requests drawn a second [default: all at once]
    #[arg(long, value_name = "R", requires = "draw", allow_negative_numbers = true)]
    pub(crate) rate: Option<f64>,
    /// Lengths of prompts drawn: 512, uniform:FROM:TO or geometric:MEAN [default: geometric, as in --prompt]
    #[arg(long, value_name = "LENGTHS", requires = "draw")]
    pub(crate) prompts: Option<String>,
    /// Lengths of answers drawn [default: geometric, as in --output]
    #[arg(long, value_name = "LENGTHS", requires = "draw")]
    pub(crate) outputs: Option<String>,
    /// The same seed draws the same requests
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) seed: u64,
    /// Sequences at a time
    #[arg(long, value_name = "N", default_value_t = 16, allow_negative_numbers = true)]
    pub(crate) slots: u64,
    /// Tokens a step at most, where prompts are read in chunks
    #[arg(long, value_name = "TOKENS", default_value_t = 512, allow_negative_numbers = true)]
    pub(crate) budget: u64,
    /// Show which sequence has which slot in the first steps
    #[arg(long, value_name = "STEPS", default_missing_value = "8", num_args = 0..=1)]
    pub(crate) grid: Option<usize>,
}

/// A way to decode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Method {
    /// Token by token, with a key/value cache and without
    Plain,
    /// Batches of requests, each finished as a whole
    Static,
    /// Requests take the slots of those that end
    Continuous,
    /// Continuous, with prompts read in chunks
    Chunked,
}

impl Method {
    /// Its name on the command line.
    pub(crate) fn name(self) -> String {
        self.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
    }
}
