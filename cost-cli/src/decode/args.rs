//! The arguments of `cost decode`.

use clap::{Args, ValueEnum};

use super::belongs::Given;
use cost_api::{CountingOptions, ReadingOptions};

use crate::args::ListArgs;

#[derive(Args)]
pub(crate) struct DecodeArgs {
    #[command(flatten)]
    pub(crate) given: Given,
    /// A built-in model, a config.json, or a directory that holds one
    pub(crate) model: String,
    /// The device, by name or from a .toml file with one entry
    #[arg(long, value_name = "HW")]
    pub(crate) on: String,
    /// How to decode; several methods, separated by commas, are compared
    #[arg(long, value_enum, value_name = "METHOD,…", value_delimiter = ',', default_value = "plain")]
    pub(crate) method: Vec<Method>,
    #[command(flatten)]
    pub(crate) counting: CountingOptions,
    #[command(flatten)]
    pub(crate) reading: ReadingOptions,
    #[command(flatten)]
    pub(crate) output: ListArgs,
    // Headings are for all arguments after them.
    #[command(flatten)]
    pub(crate) task: TaskArgs,
    #[command(flatten)]
    pub(crate) batching: BatchingArgs,
    #[command(flatten)]
    pub(crate) draft: DraftArgs,
    #[command(flatten)]
    pub(crate) other: MethodArgs,
}

#[derive(Args)]
#[command(next_help_heading = "What is decoded")]
pub(crate) struct TaskArgs {
    /// Sequences decoded together
    #[arg(long, default_value_t = 1, allow_negative_numbers = true)]
    pub(crate) batch: u64,
    /// Tokens of each prompt [default: 1024, or half the model's context if that is less]
    #[arg(long, value_name = "TOKENS", allow_negative_numbers = true)]
    pub(crate) prompt: Option<u64>,
    /// Tokens of each answer [default: 256; 1 of an encoder]
    #[arg(long, value_name = "TOKENS", allow_negative_numbers = true)]
    pub(crate) output: Option<u64>,
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
    /// Lengths of prompts drawn: 512, uniform:FROM:TO, geometric:MEAN or, not below FROM, geometric:MEAN:FROM [default:
    /// geometric, as in --prompt, from --shared on]
    #[arg(long, value_name = "LENGTHS", requires = "draw")]
    pub(crate) prompts: Option<String>,
    /// Lengths of answers drawn [default: geometric, as in --output]
    #[arg(long, value_name = "LENGTHS", requires = "draw")]
    pub(crate) outputs: Option<String>,
    /// The same seed draws the same requests
    #[arg(long, value_name = "N", default_value_t = 1, requires = "draw")]
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

#[derive(Args)]
#[command(next_help_heading = "Speculative decoding")]
pub(crate) struct DraftArgs {
    /// The model that drafts
    #[arg(long, value_name = "MODEL")]
    pub(crate) draft: Option<String>,
    /// Tokens drafted one after the other [default: 4; one for each module of the model itself]
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub(crate) gamma: Option<u64>,
    /// The probability that a drafted token is accepted if those before it are; for a cascade that of each model but the
    /// last, separated by commas
    #[arg(long, value_name = "P,…", value_delimiter = ',', default_value = "0.8", allow_negative_numbers = true)]
    pub(crate) acceptance: Vec<f64>,
    /// A tree of drafted tokens, from a CSV file with the columns node, parent and acceptance
    #[arg(long, value_name = "FILE")]
    pub(crate) tree: Option<String>,
    /// Medusa's heads: the probabilities that the best, second best, … guess of each is right, as in 0.6:0.2,0.5:0.1
    /// [default: two heads with a guess each, as in --acceptance]
    #[arg(long, value_name = "P:…,…", value_delimiter = ',')]
    pub(crate) heads: Vec<String>,
    /// The speed-up to aim at
    #[arg(long, value_name = "TIMES", default_value_t = 2.0, allow_negative_numbers = true)]
    pub(crate) goal: f64,
}

#[derive(Args)]
#[command(next_help_heading = "Other methods")]
pub(crate) struct MethodArgs {
    /// Cascade: the models before this one, from small to large
    #[arg(long, value_name = "MODEL,…", value_delimiter = ',')]
    pub(crate) before: Vec<String>,
    /// Cascade: the model that judges an answer [default: none, judging costs nothing]
    #[arg(long, value_name = "MODEL")]
    pub(crate) classifier: Option<String>,
    /// Grouped: tokens made at a time
    #[arg(long, value_name = "K", default_value_t = 4, allow_negative_numbers = true)]
    pub(crate) group: u64,
    /// Grouped: further passes over each group
    #[arg(long, value_name = "N", default_value_t = 0, allow_negative_numbers = true)]
    pub(crate) refinements: u64,
    /// Early exit: which share of the tokens leaves after which layer, as in 16:0.5,32:0.5
    #[arg(long, value_name = "LAYER:SHARE,…", value_delimiter = ',')]
    pub(crate) exits: Vec<String>,
    /// Early exit: classes that the classifiers tell apart [default: the vocabulary]
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub(crate) classes: Option<u64>,
    /// Mixture of depths: the share of a sequence's tokens that a routed layer lets through
    #[arg(long, value_name = "SHARE", default_value_t = 0.125, allow_negative_numbers = true)]
    pub(crate) capacity: f64,
    /// Mixture of depths: every so many layers one is routed
    #[arg(long, value_name = "N", default_value_t = 2, allow_negative_numbers = true)]
    pub(crate) every: u64,
    /// Flash: tiles of queries × keys, as in 128x64 [default: powers of two]
    #[arg(long, value_name = "QxK,…", value_delimiter = ',')]
    pub(crate) tiles: Vec<String>,
    /// Paged: tokens of a block
    #[arg(long, value_name = "TOKENS", default_value_t = 16, allow_negative_numbers = true)]
    pub(crate) block: u64,
    /// Paged: tokens that a cache in one piece is reserved for [default: the model's context]
    #[arg(long, value_name = "TOKENS", allow_negative_numbers = true)]
    pub(crate) reserve: Option<u64>,
    /// Paged: tokens that all prompts begin with
    #[arg(long, value_name = "TOKENS", default_value_t = 0, allow_negative_numbers = true)]
    pub(crate) shared: u64,
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
    /// A smaller model drafts tokens, the model verifies them
    Speculative,
    /// The same with a tree of drafted tokens
    Tree,
    /// Heads on the model draft tokens
    Medusa,
    /// The model's own modules for multi-token prediction draft tokens
    Mtp,
    /// Smaller models answer first
    Cascade,
    /// Several tokens at a time
    Grouped,
    /// All tokens at once
    NonAutoregressive,
    /// Sure tokens leave out layers
    EarlyExit,
    /// Some layers take in some of the tokens only
    MixtureOfDepths,
    /// The attention of a layer, by tiles
    Flash,
    /// How the caches of requests are kept in memory
    Paged,
}

impl Method {
    /// Its name on the command line.
    pub(crate) fn name(self) -> String {
        self.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
    }
}
