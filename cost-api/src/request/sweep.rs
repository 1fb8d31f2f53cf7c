//! What steps of many sizes cost.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::choice::{Logits, Phase};
use super::options::{ReadingOptions, RuleOptions};
use super::what::What;

/// What steps of many sizes cost, of many models, formats and devices: all of them, or the best
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
pub struct SweepRequest {
    /// Built-in models, config.json files, directories or GGUF files, separated by commas; `all` built-in ones
    #[cfg_attr(feature = "clap", arg(required = true, value_name = "MODELS", value_delimiter = ','))]
    pub models: Vec<What>,
    /// Devices, by name or from a .toml file, separated by commas
    #[cfg_attr(feature = "clap", arg(long, value_name = "HW,…", value_delimiter = ','))]
    #[serde(default)]
    pub on: Vec<String>,
    /// How models are read.
    #[cfg_attr(feature = "clap", command(flatten))]
    #[serde(flatten)]
    pub reading: ReadingOptions,
    /// Which steps.
    #[cfg_attr(feature = "clap", command(flatten))]
    #[serde(flatten)]
    pub steps: StepsOptions,
    /// How they are counted.
    #[cfg_attr(feature = "clap", command(flatten))]
    #[serde(flatten)]
    pub counting: ChoiceOptions,
    /// Which rows, and what of them.
    #[cfg_attr(feature = "clap", command(flatten))]
    #[serde(flatten)]
    pub rows: RowOptions,
}

/// The steps of a sweep: every combination of these sizes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(feature = "clap", derive(clap::Args), command(next_help_heading = "Steps"))]
#[serde(default)]
pub struct StepsOptions {
    /// [default: decode]
    #[cfg_attr(feature = "clap", arg(long, value_enum))]
    pub phase: Option<Phase>,
    /// Sequences [default: 1]
    #[cfg_attr(feature = "clap", arg(long, value_name = "VALUES", allow_negative_numbers = true))]
    pub batch: Option<Values>,
    /// Tokens in the cache [default: 4096 in decode, 0 in prefill]
    #[cfg_attr(feature = "clap", arg(long, value_name = "VALUES", allow_negative_numbers = true))]
    pub past: Option<Values>,
    /// New tokens [default: 1 in decode, 2048 in prefill]
    #[cfg_attr(feature = "clap", arg(long, value_name = "VALUES", allow_negative_numbers = true))]
    pub tokens: Option<Values>,
    /// Logits of the last token or of all [default: last]
    #[cfg_attr(feature = "clap", arg(long, value_enum))]
    pub logits: Option<Logits>,
}

/// Number formats to try, in every combination, and what counts how.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(feature = "clap", derive(clap::Args), command(next_help_heading = "Counting"))]
#[serde(default)]
pub struct ChoiceOptions {
    /// Number formats of the weights, or types of GGUF files (q4_k_m, …), separated by commas [default: what each model is stored in]
    #[cfg_attr(feature = "clap", arg(long, value_name = "F,…", value_delimiter = ','))]
    pub weights: Vec<String>,
    /// Number formats of the activations [default: bf16]
    #[cfg_attr(feature = "clap", arg(long, value_name = "F,…", value_delimiter = ','))]
    pub acts: Vec<String>,
    /// Number formats of the key/value cache [default: what each model says, or bf16]
    #[cfg_attr(feature = "clap", arg(long, value_name = "F,…", value_delimiter = ','))]
    pub cache: Vec<String>,
    /// What counts how.
    #[cfg_attr(feature = "clap", command(flatten))]
    #[serde(flatten)]
    pub rules: RuleOptions,
}

/// Which rows are wanted, and which columns of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(feature = "clap", derive(clap::Args), command(next_help_heading = "Rows"))]
#[serde(default)]
pub struct RowOptions {
    /// Only rows that meet this condition
    #[cfg_attr(feature = "clap", arg(long, value_name = "CONDITION"))]
    pub r#where: Option<String>,
    /// Only the best so many rows, by --by
    #[cfg_attr(feature = "clap", arg(long, value_name = "N", requires = "by", conflicts_with = "pareto", value_parser = clap::value_parser!(u32).range(1..)))]
    #[schemars(range(min = 1))]
    pub top: Option<u32>,
    /// What --top goes by
    #[cfg_attr(feature = "clap", arg(long, value_name = "ORDER", requires = "top"))]
    pub by: Option<String>,
    /// Only rows that no other row is better than in all of two to four orders
    #[cfg_attr(feature = "clap", arg(long, value_name = "ORDER,…", value_delimiter = ','))]
    pub pareto: Vec<String>,
    /// The columns, separated by commas [default: all; of a table those that matter most]
    #[cfg_attr(feature = "clap", arg(long, value_name = "COLUMN,…", value_delimiter = ','))]
    pub columns: Vec<String>,
}

/// The values of an axis: a number, a list of them, or a text such as `1,2,8`, `0..=131072:4096` or `1..=512:*2`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Values {
    /// One value.
    One(u64),
    /// Each of them.
    Each(Vec<u64>),
    /// Values and ranges.
    Text(String),
}

impl Values {
    /// The values as a text.
    pub fn text(&self) -> String {
        match self {
            Self::One(value) => value.to_string(),
            Self::Each(values) => values.iter().map(u64::to_string).collect::<Vec<_>>().join(","),
            Self::Text(text) => text.clone(),
        }
    }
}

impl From<&str> for Values {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}
