//! What a generation costs by the method that decodes it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::options::{CountingOptions, ReadingOptions};
use super::what::What;

/// What a generation costs by the method that decodes it
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
pub struct DecodeRequest {
    /// A built-in model, a config.json, or a directory that holds one
    pub model: What,
    /// The device, by name or from a .toml file with one entry
    #[cfg_attr(feature = "clap", arg(long, value_name = "HW"))]
    pub on: String,
    /// How to decode; several methods, separated by commas, are compared [default: plain]
    #[cfg_attr(feature = "clap", arg(long, value_enum, value_name = "METHOD,…", value_delimiter = ','))]
    #[serde(default)]
    pub method: Vec<Method>,
    /// How it is counted.
    #[cfg_attr(feature = "clap", command(flatten))]
    #[serde(flatten)]
    pub counting: CountingOptions,
    /// How the model is read.
    #[cfg_attr(feature = "clap", command(flatten))]
    #[serde(flatten)]
    pub reading: ReadingOptions,
    // Headings are for all arguments after them.
    /// What is decoded.
    #[cfg_attr(feature = "clap", command(flatten))]
    #[serde(flatten)]
    pub task: TaskOptions,
    /// Requests, and how they are batched.
    #[cfg_attr(feature = "clap", command(flatten))]
    #[serde(flatten)]
    pub batching: BatchingOptions,
    /// What drafts tokens.
    #[cfg_attr(feature = "clap", command(flatten))]
    #[serde(flatten)]
    pub draft: DraftOptions,
    /// What other methods need.
    #[cfg_attr(feature = "clap", command(flatten))]
    #[serde(flatten)]
    pub other: MethodOptions,
}

/// What is decoded.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
#[cfg_attr(feature = "clap", command(next_help_heading = "What is decoded"))]
#[serde(default)]
pub struct TaskOptions {
    /// Sequences decoded together [default: 1]
    #[cfg_attr(feature = "clap", arg(long, allow_negative_numbers = true))]
    pub batch: Option<u64>,
    /// Tokens of each prompt [default: 1024, or half the model's context if that is less; 1 where a source is decoded from]
    #[cfg_attr(feature = "clap", arg(long, value_name = "TOKENS", allow_negative_numbers = true))]
    pub prompt: Option<u64>,
    /// Tokens of each answer [default: 256; 1 of an encoder]
    #[cfg_attr(feature = "clap", arg(long, value_name = "TOKENS", allow_negative_numbers = true))]
    pub output: Option<u64>,
}

/// Requests, and how they are batched.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
#[cfg_attr(feature = "clap", command(next_help_heading = "Batching"))]
#[serde(default)]
pub struct BatchingOptions {
    /// Requests from a CSV file with the columns prompt, output and (in seconds) arrival [default: what is decoded, all at
    /// once]
    #[cfg_attr(feature = "clap", arg(long, value_name = "FILE", conflicts_with = "draw"))]
    pub requests: Option<String>,
    /// Draw so many requests
    #[cfg_attr(feature = "clap", arg(long, value_name = "N", allow_negative_numbers = true))]
    pub draw: Option<u64>,
    /// Requests drawn a second [default: all at once]
    #[cfg_attr(feature = "clap", arg(long, value_name = "R", requires = "draw", allow_negative_numbers = true))]
    pub rate: Option<f64>,
    /// Lengths of prompts drawn: 512, uniform:FROM:TO, geometric:MEAN or, not below FROM, geometric:MEAN:FROM [default:
    /// geometric, as in --prompt, from --shared on]
    #[cfg_attr(feature = "clap", arg(long, value_name = "LENGTHS", requires = "draw"))]
    pub prompts: Option<String>,
    /// Lengths of answers drawn [default: geometric, as in --output]
    #[cfg_attr(feature = "clap", arg(long, value_name = "LENGTHS", requires = "draw"))]
    pub outputs: Option<String>,
    /// The same seed draws the same requests [default: 1]
    #[cfg_attr(feature = "clap", arg(long, value_name = "N", requires = "draw"))]
    pub seed: Option<u64>,
    /// Sequences at a time [default: 16]
    #[cfg_attr(feature = "clap", arg(long, value_name = "N", allow_negative_numbers = true))]
    pub slots: Option<u64>,
    /// Tokens a step at most, where prompts are read in chunks [default: 512]
    #[cfg_attr(feature = "clap", arg(long, value_name = "TOKENS", allow_negative_numbers = true))]
    pub budget: Option<u64>,
    /// Show which sequence has which slot in the first steps
    #[cfg_attr(feature = "clap", arg(long, value_name = "STEPS", default_missing_value = "8", num_args = 0..=1))]
    pub grid: Option<usize>,
}

/// What drafts tokens.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
#[cfg_attr(feature = "clap", command(next_help_heading = "Speculative decoding"))]
#[serde(default)]
pub struct DraftOptions {
    /// The model that drafts
    #[cfg_attr(feature = "clap", arg(long, value_name = "MODEL"))]
    pub draft: Option<What>,
    /// Tokens drafted one after the other [default: 4; one for each module of the model itself]
    #[cfg_attr(feature = "clap", arg(long, value_name = "N", allow_negative_numbers = true))]
    pub gamma: Option<u64>,
    /// The probability that a drafted token is accepted if those before it are; for a cascade that of each model but the
    /// last, separated by commas [default: 0.8]
    #[cfg_attr(feature = "clap", arg(long, value_name = "P,…", value_delimiter = ',', allow_negative_numbers = true))]
    pub acceptance: Vec<f64>,
    /// A tree of drafted tokens, from a CSV file with the columns node, parent and acceptance
    #[cfg_attr(feature = "clap", arg(long, value_name = "FILE"))]
    pub tree: Option<String>,
    /// Medusa's heads: the probabilities that the best, second best, … guess of each is right, as in 0.6:0.2,0.5:0.1
    /// [default: two heads with a guess each, as in --acceptance]
    #[cfg_attr(feature = "clap", arg(long, value_name = "P:…,…", value_delimiter = ','))]
    pub heads: Vec<String>,
    /// The speed-up to aim at [default: 2]
    #[cfg_attr(feature = "clap", arg(long, value_name = "TIMES", allow_negative_numbers = true))]
    pub goal: Option<f64>,
}

/// What other methods need.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
#[cfg_attr(feature = "clap", command(next_help_heading = "Other methods"))]
#[serde(default)]
pub struct MethodOptions {
    /// Cascade: the models before this one, from small to large
    #[cfg_attr(feature = "clap", arg(long, value_name = "MODEL,…", value_delimiter = ','))]
    pub before: Vec<What>,
    /// Cascade: the model that judges an answer [default: none, judging costs nothing]
    #[cfg_attr(feature = "clap", arg(long, value_name = "MODEL"))]
    pub classifier: Option<What>,
    /// Grouped: tokens made at a time [default: 4]
    #[cfg_attr(feature = "clap", arg(long, value_name = "K", allow_negative_numbers = true))]
    pub group: Option<u64>,
    /// Grouped: further passes over each group [default: 0]
    #[cfg_attr(feature = "clap", arg(long, value_name = "N", allow_negative_numbers = true))]
    pub refinements: Option<u64>,
    /// Early exit: which share of the tokens leaves after which layer, as in 16:0.5,32:0.5
    #[cfg_attr(feature = "clap", arg(long, value_name = "LAYER:SHARE,…", value_delimiter = ','))]
    pub exits: Vec<String>,
    /// Early exit: classes that the classifiers tell apart [default: the vocabulary]
    #[cfg_attr(feature = "clap", arg(long, value_name = "N", allow_negative_numbers = true))]
    pub classes: Option<u64>,
    /// Mixture of depths: the share of a sequence's tokens that a routed layer lets through [default: 0.125]
    #[cfg_attr(feature = "clap", arg(long, value_name = "SHARE", allow_negative_numbers = true))]
    pub capacity: Option<f64>,
    /// Mixture of depths: every so many layers one is routed [default: 2]
    #[cfg_attr(feature = "clap", arg(long, value_name = "N", allow_negative_numbers = true))]
    pub every: Option<u64>,
    /// Flash: tiles of queries × keys, as in 128x64 [default: powers of two]
    #[cfg_attr(feature = "clap", arg(long, value_name = "QxK,…", value_delimiter = ','))]
    pub tiles: Vec<String>,
    /// Paged: tokens of a block [default: 16]
    #[cfg_attr(feature = "clap", arg(long, value_name = "TOKENS", allow_negative_numbers = true))]
    pub block: Option<u64>,
    /// Paged: tokens that a cache in one piece is reserved for [default: the model's context]
    #[cfg_attr(feature = "clap", arg(long, value_name = "TOKENS", allow_negative_numbers = true))]
    pub reserve: Option<u64>,
    /// Paged: tokens that all prompts begin with [default: 0]
    #[cfg_attr(feature = "clap", arg(long, value_name = "TOKENS", allow_negative_numbers = true))]
    pub shared: Option<u64>,
}

/// A way to decode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
#[serde(rename_all = "kebab-case")]
pub enum Method {
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
    /// Its name in requests and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Static => "static",
            Self::Continuous => "continuous",
            Self::Chunked => "chunked",
            Self::Speculative => "speculative",
            Self::Tree => "tree",
            Self::Medusa => "medusa",
            Self::Mtp => "mtp",
            Self::Cascade => "cascade",
            Self::Grouped => "grouped",
            Self::NonAutoregressive => "non-autoregressive",
            Self::EarlyExit => "early-exit",
            Self::MixtureOfDepths => "mixture-of-depths",
            Self::Flash => "flash",
            Self::Paged => "paged",
        }
    }
}

impl DecodeRequest {
    /// How to decode.
    pub fn methods(&self) -> &[Method] {
        if self.method.is_empty() { &[Method::Plain] } else { &self.method }
    }
}
