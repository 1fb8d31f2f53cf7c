//! `cargo run --release -p cost-tests --bin fuzz -- TARGET --seconds N --seed S [--cases N]`: random inputs of a kind, or of
//! `all` kinds, each for so many seconds. Exits 1 if anything is wrong with one of them, and says where that input lies.
//!
//! `fuzz TARGET --replay FILE` runs one input by itself.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use cost_tests::fuzz::parent::Run;
use cost_tests::fuzz::{TARGETS, Target, worker};

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let texts: Vec<&str> = args.iter().map(String::as_str).collect();
    if let ["--worker", target, file, seed, from, until] = texts.as_slice() {
        return match (Target::named(target), seed.parse(), from.parse(), until.parse()) {
            (Some(target), Ok(seed), Ok(from), Ok(until)) => {
                worker::run(target, seed, from..until, Path::new(file));
                ExitCode::SUCCESS
            }
            _ => ExitCode::from(2),
        };
    }
    match fuzz(&texts) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::from(2)
        }
    }
}

/// Whether nothing was found.
fn fuzz(args: &[&str]) -> Result<bool, String> {
    let names: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
    let usage =
        || format!("expected TARGET --seconds N --seed S [--cases N], TARGET all or one of {}", names.join(", "));
    let (name, options) = args.split_first().ok_or_else(usage)?;
    let (mut seconds, mut seed, mut cases) = (10, 1, u64::MAX);
    for pair in options.chunks(2) {
        let [option, value] = pair else { return Err(usage()) };
        if let ("--replay", Some(target)) = (*option, Target::named(name)) {
            let input = std::fs::read(value).map_err(|error| format!("{value}: {error}"))?;
            println!("accepted: {}", target.run(&input));
            return Ok(true);
        }
        let number = value.parse::<u64>().map_err(|_| format!("{option}: found {value}, expected a whole number"))?;
        match *option {
            "--seconds" => seconds = number,
            "--seed" => seed = number,
            "--cases" => cases = number,
            _ => return Err(usage()),
        }
    }
    let targets = if *name == "all" { TARGETS.to_vec() } else { vec![Target::named(name).ok_or_else(usage)?] };
    let directory = directory()?;
    let mut clean = true;
    println!("seed {seed}");
    for target in targets {
        let started = Instant::now();
        let found = Run { target, seed, time: Duration::from_secs(seconds), cases }.run(&directory);
        let rate = found.cases as f64 / started.elapsed().as_secs_f64();
        let accepted = found.accepted as f64 / found.cases.max(1) as f64 * 100.0;
        let findings: u64 = found.findings.values().map(|(times, _)| times).sum();
        println!(
            "{:<13} {:>9} inputs, {accepted:>5.1} % accepted, {rate:>8.0} a second, {findings} findings in {} places",
            target.name,
            found.cases,
            found.findings.len(),
        );
        clean &= found.findings.is_empty();
    }
    Ok(clean)
}

/// Where inputs are kept: beside what is built.
fn directory() -> Result<PathBuf, String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let directory = program.parent().unwrap_or(Path::new(".")).join("fuzz-found");
    std::fs::create_dir_all(&directory).map_err(|error| format!("{}: {error}", directory.display()))?;
    Ok(directory)
}
