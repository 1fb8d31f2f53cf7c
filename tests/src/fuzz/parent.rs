//! Starts a worker, listens to it, and starts the next one where it ended.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use super::{Target, worker};

/// How long a worker may say nothing.
const SILENCE: Duration = Duration::from_secs(30);

/// What is to be run.
#[derive(Clone, Copy, Debug)]
pub struct Run {
    /// The kind of inputs.
    pub target: Target,
    /// What they are made from.
    pub seed: u64,
    /// How long.
    pub time: Duration,
    /// How many at most.
    pub cases: u64,
}

/// What came of it.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Cases run.
    pub cases: u64,
    /// Inputs that were accepted.
    pub accepted: u64,
    /// What is wrong, once for each place: how often, and one input.
    pub findings: BTreeMap<String, (u64, PathBuf)>,
}

impl Run {
    /// Runs cases until the time is over; inputs that something is wrong with are kept in a directory.
    pub fn run(&self, directory: &Path) -> Outcome {
        let mut outcome = Outcome::default();
        let end = Instant::now() + self.time;
        while Instant::now() < end && outcome.cases < self.cases {
            let from = outcome.cases;
            self.part(from, directory, end, &mut outcome);
            if outcome.cases == from {
                outcome.cases += 1;
            }
        }
        outcome
    }

    /// One worker's cases.
    fn part(&self, from: u64, directory: &Path, end: Instant, outcome: &mut Outcome) {
        let current = directory.join(format!("{}.{}", self.target.name, std::process::id()));
        let until = self.cases.min(from + worker::CASES);
        let (mut child, lines) = self.start(from..until, &current);
        let mut finished = false;
        loop {
            let line = match lines.recv_timeout(SILENCE) {
                Ok(line) => line,
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => {
                    self.found(outcome.cases, "silence for 30 s", &current, directory, outcome);
                    break;
                }
            };
            let mut words = line.splitn(3, ' ');
            let (what, first, rest) =
                (words.next(), words.next().unwrap_or_default(), words.next().unwrap_or_default());
            let number = first.parse().unwrap_or(0);
            match what {
                Some("case") => {
                    (outcome.cases, outcome.accepted) = (number, outcome.accepted + rest.parse::<u64>().unwrap_or(0));
                    if Instant::now() >= end {
                        finished = true;
                        break;
                    }
                }
                Some("done") => {
                    (outcome.cases, outcome.accepted, finished) = (until, outcome.accepted + number, true);
                    break;
                }
                Some("found") => {
                    self.found(number, rest, &current, directory, outcome);
                    outcome.cases = number + 1;
                }
                _ => {}
            }
        }
        // It may be at work still, or gone.
        drop(child.kill());
        let status = child.wait();
        if let Ok(status) = status
            && !finished
            && status.code() != Some(3)
        {
            let case = fs::read_to_string(current.with_extension("case")).ok();
            let case = case.and_then(|case| case.parse().ok()).unwrap_or(outcome.cases);
            self.found(case, &format!("abort {status}"), &current, directory, outcome);
            outcome.cases = case + 1;
        }
        drop(fs::remove_file(&current));
    }

    fn start(&self, cases: core::ops::Range<u64>, current: &Path) -> (Child, Receiver<String>) {
        let program = std::env::current_exe().expect("the program has a path");
        let mut command = Command::new(program);
        command.arg("--worker").arg(self.target.name).arg(current);
        command.args([self.seed, cases.start, cases.end].map(|number| number.to_string()));
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("a worker can be started");
        let (lines, received) = channel();
        let out = child.stdout.take();
        std::thread::spawn(move || {
            let read = out.into_iter().flat_map(|out| BufReader::new(out).lines());
            for line in read.map_while(Result::ok) {
                if lines.send(line).is_err() {
                    break;
                }
            }
        });
        (child, received)
    }

    /// Keeps the input of a case, which is made once more, and notes what is wrong with it.
    fn found(&self, case: u64, what: &str, current: &Path, directory: &Path, outcome: &mut Outcome) {
        // Of a panic the place counts, of anything else what it is; numbers differ from case to case.
        let kind = match what.strip_prefix("panic ").and_then(|panic| panic.split_once(": ")) {
            Some((place, _)) => place.to_owned(),
            None => what.chars().filter(|c| !c.is_ascii_digit()).collect(),
        };
        let seeds: Vec<Vec<u8>> = self.target.seeds().into_iter().map(|(_, seed)| seed).collect();
        let input = self.target.input(self.seed, case, &seeds);
        let file = directory.join(format!("{}-{}-{case}", self.target.name, self.seed));
        let entry = outcome.findings.entry(kind).or_insert_with(|| {
            let written = fs::write(&file, &input).or_else(|_| fs::copy(current, &file).map(drop));
            written.expect("an input can be kept");
            println!("  {}: seed {} case {case}: {what}\n    {}", self.target.name, self.seed, file.display());
            (0, file)
        });
        entry.0 += 1;
    }
}
