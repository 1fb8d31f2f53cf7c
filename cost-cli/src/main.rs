//! The command `cost`.

mod args;
mod balance;
mod decode;
mod failure;
mod formula;
mod hardware;
mod load;
mod models;
mod output;
mod published;
mod report;
mod sweep;
mod table;

use std::process::ExitCode;

use clap::Parser;

use args::{Cli, Command};

fn main() -> ExitCode {
    let cli = Cli::parse();
    // Whether what was checked holds; commands that check nothing always do.
    let result = match &cli.command {
        Command::Report(args) => report::run(args).map(|()| true),
        Command::Formula(args) => formula::run(args).map(|()| true),
        Command::Balance(args) => balance::run(args).map(|()| true),
        Command::Decode(args) => decode::run(args).map(|()| true),
        Command::Sweep(args) => sweep::run(args).map(|()| true),
        Command::Published(args) => published::run(args),
        Command::Models(args) => models::run(args).map(|()| true),
        Command::Hardware(args) => hardware::run(args).map(|()| true),
    };
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(message) => {
            output::tell(&format!("error: {message}"));
            ExitCode::from(2)
        }
    }
}
