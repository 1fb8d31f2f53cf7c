//! What a generation costs by the method that decodes it.

use cost_models::Note;
use cost_models::decode::batching::Batching;
use cost_models::decode::cascade::Cascade;
use cost_models::decode::early_exit::EarlyExit;
use cost_models::decode::flash::Flash;
use cost_models::decode::mixture_of_depths::MixtureOfDepths;
use cost_models::decode::paged::Paged;
use cost_models::decode::parallel::Grouped;
use cost_models::decode::speculative::Speculation;
use cost_models::decode::{Generation, Row, Task};
use cost_models::report::FormatNames;
use serde::Serialize;

/// What a method answers, or how several compare.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum Decode {
    /// One method.
    One(Box<Decoded>),
    /// Several.
    Compared(Comparison),
}

/// What a method answers.
#[derive(Clone, Debug, Serialize)]
pub struct Decoded {
    /// The answer.
    #[serde(flatten)]
    pub answer: DecodeAnswer,
    /// What is to be said beside its numbers.
    pub notes: Vec<Note>,
    /// What was asked.
    #[serde(skip)]
    pub about: Decoding,
}

/// Several methods beside each other.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
pub struct Comparison {
    /// Each of them.
    pub methods: Vec<Compared>,
    /// What was asked.
    #[serde(skip)]
    pub about: Decoding,
}

/// A method beside the first.
#[derive(Clone, Debug, Serialize)]
pub struct Compared {
    /// What it comes to.
    #[serde(flatten)]
    pub row: Row,
    /// How many times faster than the first method.
    pub speed_up: f64,
    /// Its answer.
    pub answer: DecodeAnswer,
    /// What is to be said beside its numbers.
    pub notes: Vec<Note>,
}

/// What is decoded, and where.
#[derive(Clone, Debug)]
pub struct Decoding {
    /// The model's name.
    pub model: String,
    /// The device's name.
    pub device: String,
    /// Number formats by role.
    pub formats: FormatNames,
    /// Sequences and their tokens.
    pub task: Task,
    /// What is to be said beside all numbers.
    pub notes: Vec<Note>,
}

/// What a method answers; as JSON, its result.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum DecodeAnswer {
    /// Token by token, with a cache and without.
    Plain(Box<Generation>),
    /// Batches of requests.
    Batching(Box<Batching>),
    /// Drafted tokens.
    Speculation(Box<Speculation>),
    /// Smaller models first.
    Cascade(Box<Cascade>),
    /// Several tokens at a time.
    Grouped(Box<Grouped>),
    /// Sure tokens leave out layers.
    EarlyExit(Box<EarlyExit>),
    /// Some layers take in some tokens.
    MixtureOfDepths(Box<MixtureOfDepths>),
    /// Attention by tiles.
    Flash(Box<Flash>),
    /// Caches in blocks.
    Paged(Box<Paged>),
}
