//! `cost completions` and `cost man`: the command for a shell and for `man`.

use std::path::PathBuf;

use clap::{Args, Command};
use clap_complete::Shell;

use crate::failure::Result;
use crate::output;

#[derive(Args)]
pub(crate) struct CompletionsArgs {
    /// The shell
    shell: Shell,
}

#[derive(Args)]
pub(crate) struct ManArgs {
    /// The folder that the pages are written to, one for each command; it must be there
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

/// Prints the script that makes a shell complete the command's options.
pub(crate) fn completions(args: &CompletionsArgs, mut command: Command) -> Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command, "cost", &mut script);
    output::print(&String::from_utf8_lossy(&script))
}

/// Writes the pages of the manual.
pub(crate) fn man(args: &ManArgs, command: Command) -> Result<()> {
    let wrong = |error| format!("--out: {}: {error}", args.out.display());
    // Of the help of a command nothing is the manual's.
    clap_mangen::generate_to(command.disable_help_subcommand(true), &args.out).map_err(wrong)
}
