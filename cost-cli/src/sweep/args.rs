//! The arguments of `cost sweep` that say where rows go, and the end of its help.

use std::path::PathBuf;

use clap::Args;
use cost_api::SweepRequest;
use cost_models::sweep::Column;

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
    --pareto lower_bound_s,tokens_per_s
  cost sweep llama-3.1-8b --on h100,l40s --batch 1..=256:*2 --plot tokens_per_s:batch:hardware \\
    --svg batch.svg";

/// That and what each column says.
fn help() -> String {
    let mark = |column: &Column| if column.high() { '+' } else { ' ' };
    let columns = Column::ALL.iter().map(|column| format!("{} {:14} {}\n", mark(column), column.name(), column.doc()));
    format!("Columns:\n{}\n{EXAMPLES}", columns.collect::<String>())
}

#[derive(Args)]
#[command(after_long_help = help())]
pub(crate) struct SweepArgs {
    #[command(flatten)]
    pub(crate) request: SweepRequest,
    #[command(flatten)]
    pub(crate) file: FileArgs,
    #[command(flatten)]
    pub(crate) output: ListArgs,
}

#[derive(Args)]
#[command(next_help_heading = "Rows")]
pub(crate) struct FileArgs {
    /// Write the rows to a file; without it they are printed
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// The file's format: csv or jsonl, or arrow or parquet in a build with the feature `arrow` [default: by the end of
    /// its name]
    #[arg(long, value_name = "FORMAT", requires = "out")]
    pub(crate) format: Option<String>,
    /// Draw the rows: column Y over column X, in a line for each value of SERIES (several joined by +), as in
    /// tokens_per_s:batch:model; without SERIES in a line for each combination of what else differs
    #[arg(long, value_name = "Y:X[:SERIES]", requires = "svg", conflicts_with_all = ["out", "columns"])]
    pub(crate) plot: Option<String>,
    /// The file of the picture
    #[arg(long, value_name = "FILE", requires = "plot")]
    pub(crate) svg: Option<PathBuf>,
}
