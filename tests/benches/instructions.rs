//! Instructions of what must not get slower, counted by callgrind: nearly the same on every run.
//!
//! Each case runs in a process of its own, once with no calls and once with many; the difference is what calls take.
//! `-- --keep` writes the counts to `instructions.csv`; without it they are compared with those there, and the benchmark
//! fails if one is over them by more than a twentieth.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use cost_core::Options;
use cost_core::hardware;
use cost_core::plan::{Column, Count};
use cost_models::report::report;
use cost_models::{Model, Steps, Workload, catalogue};

/// What is allowed above the counts that are kept.
const SLACK: f64 = 1.05;

/// Sizes of a table of rows.
const ROWS: u32 = 4096;

/// A name, how many calls a process makes, and what makes so many.
type Case = (&'static str, u32, fn(u32));

const CASES: &[Case] = &[
    ("step of llama-3-70b on a device", 10_000, |calls| {
        let mut step = plan("llama-3-70b").on(&hardware::find("h100").unwrap()).unwrap();
        (0..calls).for_each(|i| drop(black_box(step.at(&[32.0, f64::from(i)]))));
    }),
    ("totals of llama-3-70b, exact", 10_000, |calls| {
        let mut totals = plan("llama-3-70b").summary::<u128>();
        (0..calls).for_each(|i| drop(black_box(totals.at(&[32, u64::from(i)]))));
    }),
    ("4096 rows of llama-3-70b, 8 columns", 100, |calls| {
        let device = hardware::find("h100").unwrap();
        let counts = [Count::Matmul, Count::Vector].into_iter().chain(Count::TRAFFIC);
        let wanted: Vec<_> = counts.map(Column::Count).chain([Column::LowerBound(&device)]).collect();
        let columns = plan("llama-3-70b").columns(&wanted).unwrap();
        let batch: Vec<f64> = (0..ROWS).map(|i| f64::from(i % 64 + 1)).collect();
        let past: Vec<f64> = (0..ROWS).map(|i| f64::from(i * 7)).collect();
        let mut out = vec![vec![0.0; ROWS as usize]; wanted.len()];
        let mut out: Vec<&mut [f64]> = out.iter_mut().map(Vec::as_mut_slice).collect();
        (0..calls).for_each(|_| drop(black_box(columns.fill(&[&batch, &past], &mut out))));
    }),
    ("kernels of deepseek-v3, exact", 1_000, |calls| {
        let mut table = plan("deepseek-v3").table::<u128>();
        (0..calls).for_each(|i| drop(black_box(table.at(&[32, u64::from(i)]).map(<[_]>::len))));
    }),
    ("compiling llama-3-70b", 100, |calls| compile("llama-3-70b", calls)),
    ("compiling deepseek-v3", 100, |calls| compile("deepseek-v3", calls)),
    ("deriving deepseek-v3 at one point", 100, |calls| {
        let model = model("deepseek-v3");
        (0..calls).for_each(|_| drop(black_box(model.kernels(&Workload::decode(1, 4096), &Options::default()))));
    }),
    ("report of llama-3-70b", 100, |calls| {
        let (model, workload) = (model("llama-3-70b"), Workload::decode(1, 4096));
        (0..calls).for_each(|_| drop(black_box(report(&model, &workload, &Options::default(), &[]))));
    }),
    ("reading the config of llama-3-70b", 1_000, |calls| read_config("llama-3-70b", calls)),
    ("reading the config of deepseek-v3", 100, |calls| read_config("deepseek-v3", calls)),
];

fn model(name: &str) -> Model {
    catalogue::find(name).unwrap()
}

fn plan(name: &str) -> cost_core::Plan {
    model(name).plan(&Steps::decode(), &Options::default()).unwrap()
}

fn compile(name: &str, calls: u32) {
    let model = model(name);
    (0..calls).for_each(|_| drop(black_box(model.plan(&Steps::decode(), &Options::default()))));
}

fn read_config(name: &str, calls: u32) {
    let entry = catalogue::ENTRIES.iter().find(|entry| entry.name == name).unwrap();
    (0..calls).for_each(|_| drop(black_box(Model::from_config(entry.name, entry.config))));
}

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().collect();
    if let [_, mode, name, calls] = args.as_slice()
        && mode == "case"
    {
        let (.., case) = CASES.iter().find(|(known, ..)| known == name).unwrap();
        case(calls.parse().unwrap());
        return ExitCode::SUCCESS;
    }
    // `cargo test --benches` only wants to know that it compiles.
    if !args.iter().any(|arg| arg == "--bench") {
        return ExitCode::SUCCESS;
    }
    if Command::new("valgrind").arg("--version").output().is_err() {
        println!("no instruction counts: valgrind is not installed");
        return ExitCode::SUCCESS;
    }
    let known = read();
    let (mut kept, mut passed) = (String::from("case,instructions\n"), true);
    for (name, calls, _) in CASES {
        let each = (instructions(name, *calls) - instructions(name, 0)) / u64::from(*calls);
        let _ = writeln!(kept, "\"{name}\",{each}");
        let before = known.get(*name);
        let ratio =
            before.map_or_else(String::new, |before| format!(", {:.3} of before", each as f64 / *before as f64));
        println!("{each:>12}  {name}{ratio}");
        passed &= before.is_none_or(|before| each as f64 <= *before as f64 * SLACK);
    }
    if args.iter().any(|arg| arg == "--keep") {
        fs::write(path(), kept).unwrap();
    } else if !passed {
        println!("more than before: find out why, or keep the new counts with `-- --keep`");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// The instructions of a process that runs a case so many times.
fn instructions(name: &str, calls: u32) -> u64 {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(std::env::current_exe().unwrap())
        .args(["case", name, &calls.to_string()])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let total = said.lines().find_map(|line| line.split_once("Collected :")).unwrap().1;
    total.trim().parse().unwrap()
}

fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/instructions.csv")
}

/// The counts that are kept.
fn read() -> BTreeMap<String, u64> {
    let text = fs::read_to_string(path()).unwrap_or_default();
    let rows = text.lines().skip(1).filter_map(|line| line.rsplit_once(','));
    rows.map(|(name, count)| (name.trim_matches('"').to_owned(), count.parse().unwrap())).collect()
}
