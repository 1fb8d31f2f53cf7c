//! Fuzzing: inputs made at random from a seed, each read and, if it is accepted, evaluated.
//!
//! A [`Target`] says how inputs of a kind are made ([`Target::input`]) and what is done with one ([`Target::run`]). The same
//! target, seed and number of a case give the same input. [`worker`] runs cases in a process of its own, so that whatever
//! an input does to it (a panic, an abort, memory, time) can be told by [`parent`], which starts one after another.

pub mod bytes;
pub mod evaluate;
mod harm;
pub mod json;
pub mod operator;
pub mod parent;
pub mod pick;
pub mod source;
pub mod texts;
pub mod weights;
pub mod worker;

use std::path::{Path, PathBuf};

use cost_core::random::Random;

/// A kind of inputs.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Its name.
    pub name: &'static str,
    /// An input; `seeds` are those of its corpus.
    make: fn(&mut Random, &[Vec<u8>]) -> Vec<u8>,
    /// Reads an input and evaluates what is accepted; whether it is.
    run: fn(&[u8]) -> bool,
}

/// Every target.
pub const TARGETS: &[Target] = &[
    Target { name: "config", make: json::config, run: json::run_config },
    Target { name: "quantisation", make: json::quantisation, run: json::run_quantisation },
    Target { name: "gguf", make: weights::gguf, run: weights::run },
    Target { name: "safetensors", make: weights::safetensors, run: weights::run },
    Target { name: "device", make: texts::device, run: texts::run_device },
    Target { name: "request", make: texts::request, run: texts::run_request },
    Target { name: "tree", make: texts::tree, run: texts::run_tree },
    Target { name: "condition", make: texts::condition, run: texts::run_condition },
    Target { name: "format", make: texts::format, run: texts::run_format },
    Target { name: "range", make: texts::range, run: texts::run_range },
    Target { name: "operator", make: operator::make, run: operator::run },
    Target { name: "source", make: source::make, run: source::run },
];

/// What is found of harm that is meant.
const HARM: Target = Target { name: "harm", make: harm::make, run: harm::run };

/// The largest input that is made.
pub const LARGEST: usize = 1 << 20;

impl Target {
    /// The target of a name.
    pub fn named(name: &str) -> Option<Self> {
        TARGETS.iter().copied().chain([HARM]).find(|target| target.name == name)
    }

    /// The input of a case.
    pub fn input(self, seed: u64, case: u64, seeds: &[Vec<u8>]) -> Vec<u8> {
        let name = self.name.bytes().fold(0_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        let start = Random::new(seed).bits() ^ name;
        let mut random = Random::new(start.wrapping_add(case.wrapping_mul(0x9e37_79b9_7f4a_7c15)));
        random.bits();
        let mut input = (self.make)(&mut random, seeds);
        input.truncate(LARGEST);
        input
    }

    /// Reads an input and evaluates what is accepted; gives back whether it is.
    pub fn run(self, input: &[u8]) -> bool {
        (self.run)(input)
    }

    /// Where the inputs lie that others begin with and that tests replay.
    pub fn corpus(self) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(self.name)
    }

    /// Those inputs, by their names.
    pub fn seeds(self) -> Vec<(String, Vec<u8>)> {
        let Ok(files) = std::fs::read_dir(self.corpus()) else { return Vec::new() };
        let files = files.filter_map(|file| Some(file.ok()?.path()));
        let read = |path: PathBuf| Some((path.file_name()?.to_string_lossy().into_owned(), std::fs::read(&path).ok()?));
        let mut seeds: Vec<_> = files.filter_map(read).collect();
        seeds.sort();
        seeds
    }
}
