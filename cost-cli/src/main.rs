//! The command `cost`.

mod args;
mod balance;
mod calibrate;
mod cell;
mod colour;
mod decode;
mod diff;
mod explain;
mod failure;
mod fit;
mod formula;
mod git;
mod hardware;
mod load;
mod mesh;
mod models;
mod output;
mod page;
mod published;
mod report;
mod roofline;
mod shell;
mod sweep;
mod table;

use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

use args::Printed;
use calibrate::CalibrateArgs;
use cost_api::{BalanceRequest, DecodeRequest, ExplainRequest, FitRequest, FormulaRequest, MeshRequest};
use diff::DiffArgs;
use hardware::HardwareArgs;
use models::ModelsArgs;
use published::PublishedArgs;
use report::ReportArgs;
use roofline::RooflineArgs;
use shell::{CompletionsArgs, ManArgs};
use sweep::SweepArgs;

/// What does this layer cost? FLOPs, bytes and what bounds them, derived from the shapes of the operators.
#[derive(Parser)]
#[command(name = "cost", version, max_term_width = 100)]
struct Cli {
    /// Colours in what a terminal shows
    #[arg(long, global = true, value_enum, default_value_t, value_name = "WHEN", display_order = 1000)]
    color: colour::When,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// What a prefill or decode step of a model costs, or an operator at sizes, kernel by kernel, and what bounds it
    Report(Box<ReportArgs>),
    /// What a model or an operator costs, as closed formulas
    Formula(Printed<FormulaRequest>),
    /// Where the figures of a kernel come from: its steps, the rules, the formulas and the sizes that are put in
    Explain(Box<Printed<ExplainRequest>>),
    /// Where an intensity meets the ridge points of devices
    Balance(Printed<BalanceRequest>),
    /// How many sequences, or how long a context, fit the memory of devices, and what takes it
    Fit(Printed<FitRequest>),
    /// Which meshes of devices a model runs best on, and what its steps take there at least
    Mesh(Printed<MeshRequest>),
    /// What a generation costs by the method that decodes it
    Decode(Box<Printed<DecodeRequest>>),
    /// What steps of many sizes cost, of many models, formats and devices: into a file, or the best of them
    Sweep(Box<SweepArgs>),
    /// What changed between two costs; exits 1 if anything did, or more than is allowed
    Diff(Box<DiffArgs>),
    /// How fast the kernels of a step are at most, under the roofs of devices: as a table, or as a picture
    Roofline(Box<RooflineArgs>),
    /// The few constants that turn bounds into times, fitted to measured times of kernels and collectives
    Calibrate(CalibrateArgs),
    /// The built-in models
    Models(ModelsArgs),
    /// The built-in devices
    Hardware(HardwareArgs),
    /// Published figures beside the derived ones; exits 1 if any no longer holds
    Published(PublishedArgs),
    /// The script that makes a shell complete the command's options
    Completions(CompletionsArgs),
    /// The command's manual, as pages for `man`
    Man(ManArgs),
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    colour::set(cli.color);
    // Whether what was checked holds; commands that check nothing always do.
    let result = match &cli.command {
        Command::Report(args) => report::run(args).map(|()| true),
        Command::Formula(args) => formula::run(args).map(|()| true),
        Command::Explain(args) => explain::run(args).map(|()| true),
        Command::Balance(args) => balance::run(args).map(|()| true),
        Command::Fit(args) => fit::run(args).map(|()| true),
        Command::Mesh(args) => mesh::run(args).map(|()| true),
        Command::Decode(args) => decode::run(args).map(|()| true),
        Command::Sweep(args) => sweep::run(args).map(|()| true),
        Command::Diff(args) => diff::run(args),
        Command::Roofline(args) => roofline::run(args).map(|()| true),
        Command::Calibrate(args) => calibrate::run(args).map(|()| true),
        Command::Published(args) => published::run(args),
        Command::Completions(args) => shell::completions(args, Cli::command()).map(|()| true),
        Command::Man(args) => shell::man(args, Cli::command()).map(|()| true),
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
