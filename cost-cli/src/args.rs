//! The arguments of commands, and those that several have.

use clap::Args;

/// A request, and how its answer is printed.
#[derive(Args)]
pub(crate) struct Printed<Request: Args> {
    #[command(flatten)]
    pub(crate) request: Request,
    #[command(flatten)]
    pub(crate) output: ListArgs,
}

#[derive(Args)]
pub(crate) struct ListArgs {
    /// JSON instead of a table
    // Under no heading, whatever stands before it.
    #[arg(long, help_heading = None::<&str>)]
    pub(crate) json: bool,
}
