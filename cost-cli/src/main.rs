//! The command `cost`.

mod args;
mod balance;
mod formula;
mod hardware;
mod load;
mod models;
mod output;
mod report;
mod table;

use std::process::ExitCode;

use clap::Parser;

use args::{Cli, Command};

fn main() -> ExitCode {
    let cli = Cli::parse();
    let result = match &cli.command {
        Command::Report(args) => report::run(args),
        Command::Formula(args) => formula::run(args),
        Command::Balance(args) => balance::run(args),
        Command::Models(args) => models::run(args),
        Command::Hardware(args) => hardware::run(args),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            output::tell(&format!("error: {message}"));
            ExitCode::from(2)
        }
    }
}
