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

/// How an answer is printed.
#[derive(Args)]
pub(crate) struct ListArgs {
    /// JSON instead of a table
    // Under no heading, whatever stands before it.
    #[arg(long, help_heading = None::<&str>, conflicts_with = "table")]
    pub(crate) json: bool,
    /// How tables are written [default: plain]
    #[arg(long, value_enum, help_heading = None::<&str>)]
    pub(crate) table: Option<Table>,
}

/// How tables are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Table {
    /// For a terminal, at most 100 columns
    #[default]
    Plain,
    /// For a comment or a page
    Markdown,
    /// Tables alone, figures with all their digits
    Csv,
}
