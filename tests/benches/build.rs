//! What `#[cost]` adds to a build: a crate of 100 operators beside one of 100 structs with
//! `#[derive(Serialize, Deserialize)]` that have a field for each axis and tensor, and beside an empty crate.
//!
//! Dependencies are built before; each round changes every crate and builds it again, without incremental compilation.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

const COUNT: usize = 100;
const ROUNDS: usize = 9;

/// Operators, each with the struct of similar size.
const PAIRS: [[&str; 2]; 4] = [
    [
        "#[cost]
pub fn Name<b, s, d, f>(x: Act<b, s, d>, w: Weight<d, f>) -> Act<b, s, f> {
    dot::<d>(x, w)
}
",
        "#[derive(Serialize, Deserialize)]
pub struct Name { pub b: u64, pub s: u64, pub d: u64, pub f: u64, pub x: Vec<f64>, pub w: Vec<f64> }
",
    ],
    [
        "#[cost(causal(s, t))]
pub fn Name<b, s, t, n, g, k>(
    q: Act<b, s, n, g, k>,
    keys: Cache<b, t, n, k>,
    values: Cache<b, t, n, k>,
) -> Act<b, s, n, g, k> {
    let scores: Act<b, s, n, g, t> = scale(dot::<k>(q, keys));
    dot::<t>(softmax::<t>(scores), values)
}
",
        "#[derive(Serialize, Deserialize)]
pub struct Name {
    pub b: u64,
    pub s: u64,
    pub t: u64,
    pub n: u64,
    pub g: u64,
    pub k: u64,
    pub q: Vec<f64>,
    pub keys: Vec<f64>,
    pub values: Vec<f64>,
}
",
    ],
    [
        "#[cost]
pub fn Name<b, s, d, f>(x: Act<b, s, d>, gate: Weight<d, f>, up: Weight<d, f>, down: Weight<f, d>) -> Act<b, s, d> {
    dot::<f>(silu(dot::<d>(x, gate)) * dot::<d>(x, up), down)
}
",
        "#[derive(Serialize, Deserialize)]
pub struct Name {
    pub b: u64,
    pub s: u64,
    pub d: u64,
    pub f: u64,
    pub x: Vec<f64>,
    pub gate: Option<Vec<f64>>,
    pub up: Vec<f64>,
    pub down: Vec<f64>,
}
",
    ],
    [
        "#[cost]
pub fn Name<b, s, d>(x: Act<b, s, d>, gain: Weight<d>) -> Act<b, s, d> {
    rms_norm::<d>(x) * gain
}
",
        "#[derive(Serialize, Deserialize)]
pub struct Name { pub b: u64, pub s: u64, pub d: u64, pub x: Vec<f64>, pub gain: Vec<f64> }
",
    ],
];

/// A crate's name, its dependencies, and its source.
struct Crate {
    name: &'static str,
    dependencies: String,
    source: String,
}

fn main() {
    // `cargo test --benches` only wants to know that it compiles.
    if !std::env::args().any(|arg| arg == "--bench") {
        return;
    }
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("build");
    let crates = crates();
    for it in &crates {
        write(&folder.join(it.name), it);
        build(&folder, it, "check", 0);
        build(&folder, it, "build", 0);
    }
    for command in ["check", "build"] {
        let mut times = vec![Vec::new(); crates.len()];
        for round in 1..=ROUNDS {
            for (it, times) in crates.iter().zip(&mut times) {
                times.push(build(&folder, it, command, round));
            }
        }
        let medians: Vec<f64> = times.into_iter().map(median).collect();
        println!("cargo {command}, median of {ROUNDS}:");
        for (it, median) in crates.iter().zip(&medians) {
            let each = (median - medians[0]) * 1e3 / COUNT as f64;
            println!("  {:<9} {median:.2} s, {each:.2} ms each, {} bytes of source", it.name, it.source.len());
        }
        let ratio = (medians[1] - medians[0]) / (medians[2] - medians[0]);
        println!("  an operator takes {ratio:.2} of what a derived pair takes");
    }
    for it in &crates {
        let rlib = folder.join("target/debug").join(format!("lib{}.rlib", it.name));
        println!("{:<9} {} bytes compiled", it.name, fs::metadata(rlib).map_or(0, |it| it.len()));
    }
}

fn crates() -> [Crate; 3] {
    let of = |which: usize| {
        let all = (0..COUNT).map(|i| PAIRS[i % PAIRS.len()][which].replace("Name", &format!("Item{i}")));
        all.collect::<String>()
    };
    let path = |name: &str| format!("{name} = {{ path = \"{}\" }}\n", root().join(name).display());
    let cost = path("cost-core") + &path("cost-macros");
    let serde = "serde = { version = \"1\", features = [\"derive\"] }\n".to_owned();
    [
        Crate { name: "nothing", dependencies: cost.clone() + &serde, source: "//! Nothing.\n".to_owned() },
        Crate {
            name: "operators",
            dependencies: cost,
            source: "//! Operators.\n#![allow(missing_docs)]\nuse cost_macros::cost;\n".to_owned() + &of(0),
        },
        Crate {
            name: "structs",
            dependencies: serde,
            source: "//! Structs.\n#![allow(missing_docs)]\nuse serde::{Deserialize, Serialize};\n".to_owned() + &of(1),
        },
    ]
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn write(folder: &Path, it: &Crate) {
    let manifest = format!(
        "[package]\nname = \"{}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[dependencies]\n{}\n[workspace]\n",
        it.name, it.dependencies
    );
    fs::create_dir_all(folder.join("src")).expect("a folder for the crate");
    fs::write(folder.join("Cargo.toml"), manifest).expect("its manifest");
    // The versions that this workspace has.
    fs::copy(root().join("Cargo.lock"), folder.join("Cargo.lock")).expect("its lock file");
}

/// Builds a crate whose source says which round it is.
fn build(folder: &Path, it: &Crate, command: &str, round: usize) -> Duration {
    let path = folder.join(it.name);
    fs::write(path.join("src/lib.rs"), format!("{}// {command} {round}\n", it.source)).expect("its source");
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args([command, "--quiet", "--offline"]).current_dir(&path);
    cargo.env("CARGO_TARGET_DIR", folder.join("target")).env("CARGO_INCREMENTAL", "0");
    let start = Instant::now();
    let done = cargo.status().expect("cargo runs");
    assert!(done.success(), "{} doesn't build", it.name);
    start.elapsed()
}

fn median(mut times: Vec<Duration>) -> f64 {
    times.sort();
    times[times.len() / 2].as_secs_f64()
}
