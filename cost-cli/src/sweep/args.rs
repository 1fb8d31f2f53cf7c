//! The arguments of `cost sweep`.

use std::path::PathBuf;

use clap::Args;
use cost_api::request::choice::{Logits, Phase};
use cost_api::{ReadingOptions, RuleOptions};
use cost_models::sweep::{Axis, Column};

use crate::args::ListArgs;

/// What a command line can't say in a word.
const EXAMPLES: &str = "\
Values of an axis: `4096`, `1,2,8`, `0..=131072:4096` (every 4096th), `1..=512:*2` (doubling).

Conditions and amounts are written as in Rust, over the columns:
'bound == \"memory\" && lower_bound_s < 0.02', 'bytes / batch'.
An order is an amount; `:low` or `:high` after it says what is better. Without, less is, but more of a
column that is marked + above. `--by past:low` is the shortest context, `--by past` the longest.

  cost sweep llama-3.1-8b,qwen3-8b --on h100,l40s --batch 1..=512:*2 --past 0..=131072:4096 \\
    --out steps.csv
  cost sweep llama-3.1-70b --on h200 --batch 1..=256 --past 8192 --where 'lower_bound_s < 0.05' \\
    --top 5 --by tokens_per_s
  cost sweep all --on h100 --weights bf16,fp8,int4:g128:f16 --batch 1..=64 \\
    --pareto lower_bound_s,tokens_per_s";

/// That and what each column says.
fn help() -> String {
    let mark = |column: &Column| if column.high() { '+' } else { ' ' };
    let columns = Column::ALL.iter().map(|column| format!("{} {:14} {}\n", mark(column), column.name(), column.doc()));
    format!("Columns:\n{}\n{EXAMPLES}", columns.collect::<String>())
}

#[derive(Args)]
#[command(after_long_help = help())]
pub(crate) struct SweepArgs {
    /// Built-in models, config.json files, directories or GGUF files, separated by commas; `all` built-in ones
    #[arg(required = true, value_name = "MODELS", value_delimiter = ',')]
    pub(crate) models: Vec<String>,
    /// Devices, by name or from a .toml file, separated by commas
    #[arg(long, value_name = "HW,…", value_delimiter = ',')]
    pub(crate) on: Vec<String>,
    #[command(flatten)]
    pub(crate) reading: ReadingOptions,
    #[command(flatten)]
    pub(crate) output: ListArgs,
    #[command(flatten)]
    pub(crate) steps: StepArgs,
    #[command(flatten)]
    pub(crate) counting: ChoiceArgs,
    #[command(flatten)]
    pub(crate) rows: RowArgs,
}

#[derive(Args)]
#[command(next_help_heading = "Steps")]
pub(crate) struct StepArgs {
    #[arg(long, value_enum, default_value_t = Phase::Decode)]
    pub(crate) phase: Phase,
    /// Sequences
    #[arg(long, value_name = "VALUES", default_value = "1", allow_negative_numbers = true)]
    pub(crate) batch: Axis,
    /// Tokens in the cache [default: 4096 in decode, 0 in prefill]
    #[arg(long, value_name = "VALUES", allow_negative_numbers = true)]
    pub(crate) past: Option<Axis>,
    /// New tokens [default: 1 in decode, 2048 in prefill]
    #[arg(long, value_name = "VALUES", allow_negative_numbers = true)]
    pub(crate) tokens: Option<Axis>,
    /// Logits of the last token or of all
    #[arg(long, value_enum, default_value_t = Logits::Last)]
    pub(crate) logits: Logits,
}

#[derive(Args)]
#[command(next_help_heading = "Counting")]
pub(crate) struct ChoiceArgs {
    /// Number formats of the weights, or types of GGUF files (q4_k_m, …), separated by commas [default: what each model is stored in]
    #[arg(long, value_name = "F,…", value_delimiter = ',')]
    pub(crate) weights: Vec<String>,
    /// Number formats of the activations [default: bf16]
    #[arg(long, value_name = "F,…", value_delimiter = ',')]
    pub(crate) acts: Vec<String>,
    /// Number formats of the key/value cache [default: what each model says, or bf16]
    #[arg(long, value_name = "F,…", value_delimiter = ',')]
    pub(crate) cache: Vec<String>,
    #[command(flatten)]
    pub(crate) rules: RuleOptions,
}

#[derive(Args)]
#[command(next_help_heading = "Rows")]
pub(crate) struct RowArgs {
    /// Only rows that meet this condition
    #[arg(long, value_name = "CONDITION")]
    pub(crate) r#where: Option<String>,
    /// Only the best so many rows, by --by
    #[arg(long, value_name = "N", requires = "by", conflicts_with = "pareto", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) top: Option<u32>,
    /// What --top goes by
    #[arg(long, value_name = "ORDER", requires = "top")]
    pub(crate) by: Option<String>,
    /// Only rows that no other row is better than in all of two to four orders
    #[arg(long, value_name = "ORDER,…", value_delimiter = ',')]
    pub(crate) pareto: Vec<String>,
    /// The columns, separated by commas [default: all; of a table those that matter most]
    #[arg(long, value_name = "COLUMN,…", value_delimiter = ',')]
    pub(crate) columns: Vec<String>,
    /// Write the rows to a file; without it they are printed
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// The file's format: csv or jsonl, or arrow or parquet in a build with the feature `arrow` [default: by the end of
    /// its name]
    #[arg(long, value_name = "FORMAT", requires = "out")]
    pub(crate) format: Option<String>,
}
