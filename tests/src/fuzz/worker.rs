//! Runs cases, one after another, in a process of its own, and says what is wrong with them.
//!
//! Each input is in a file before it is run. On its output the worker writes lines: `case N A` while it goes on, where `A`
//! is how many were accepted since the line before, and `found N KIND WHAT` for what is wrong. A panic ends only its case; time and memory
//! that are too much end the process.

use std::fs;
use std::io::Write;
use std::panic::{self, AssertUnwindSafe};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::Target;

/// The most CPU time that an input may take, in ticks of 10 ms, as Linux counts.
const TICKS: u64 = 200;

/// The most memory that may be resident while an input is run, in kB.
const MEMORY_KB: u64 = 300 * 1024;

/// Memory at which a case is ended at once.
const FAR_TOO_MUCH_KB: u64 = 2 * 1024 * 1024;

/// How many cases one process runs: what they leave behind must not count for those after them.
pub const CASES: u64 = 5000;

/// How often time and memory are looked at while a case runs.
const LOOK: Duration = Duration::from_millis(50);

/// What the last panic said.
static PANIC: Mutex<String> = Mutex::new(String::new());

/// The case that is running, and the ticks when it began.
static CASE: AtomicU64 = AtomicU64::new(0);
static BEGAN: AtomicU64 = AtomicU64::new(0);

/// Runs cases from a number on; the input that is running lies in a file.
pub fn run(target: Target, seed: u64, cases: core::ops::Range<u64>, file: &Path) {
    panic::set_hook(Box::new(|panic| {
        let place = panic.location().map_or_else(String::new, ToString::to_string);
        let payload = panic.payload();
        let message = payload.downcast_ref::<String>().map(String::as_str);
        let message = message.or_else(|| payload.downcast_ref::<&str>().copied()).unwrap_or_default();
        let message: String = message.chars().map(|c| if c == '\n' { ' ' } else { c }).take(300).collect();
        *PANIC.lock().unwrap_or_else(PoisonError::into_inner) = format!("{place}: {message}");
    }));
    std::thread::spawn(watch);
    let seeds: Vec<Vec<u8>> = target.seeds().into_iter().map(|(_, seed)| seed).collect();
    let (mut accepted, mut last) = (0, Instant::now());
    for case in cases {
        let input = target.input(seed, case, &seeds);
        fs::write(file, &input).expect("an input can be written");
        fs::write(file.with_extension("case"), case.to_string()).expect("and its number");
        accepted += u64::from(one(target, case, &input));
        if last.elapsed() > Duration::from_millis(100) {
            say(&format!("case {} {accepted}", case + 1));
            (accepted, last) = (0, Instant::now());
        }
        CASE.store(case + 1, Ordering::Relaxed);
    }
    say(&format!("done {accepted}"));
}

/// Runs one input, and says what is wrong with it; whether it was accepted.
pub fn one(target: Target, case: u64, input: &[u8]) -> bool {
    let before = reset_peak();
    CASE.store(case, Ordering::Relaxed);
    let (start, began) = (ticks(), Instant::now());
    BEGAN.store(start, Ordering::Relaxed);
    let accepted = panic::catch_unwind(AssertUnwindSafe(|| target.run(input)));
    if accepted.is_err() {
        let what = PANIC.lock().unwrap_or_else(PoisonError::into_inner).clone();
        say(&format!("found {case} panic {what}"));
    }
    let spent = if began.elapsed() > Duration::from_secs(1) { ticks().saturating_sub(start) } else { 0 };
    if spent > TICKS {
        say(&format!("found {case} time {} s of CPU", spent as f64 / 100.0));
    }
    let peak = status("VmHWM:");
    if before && peak > MEMORY_KB {
        say(&format!("found {case} memory {} MB resident", peak / 1024));
    }
    BEGAN.store(u64::MAX, Ordering::Relaxed);
    accepted.unwrap_or(false)
}

fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    // If the parent is gone there is nobody to tell.
    if writeln!(out, "{line}").and_then(|()| out.flush()).is_err() {
        std::process::exit(0);
    }
}

/// Ends the process when a case takes far too much.
fn watch() {
    loop {
        std::thread::sleep(LOOK);
        let began = BEGAN.load(Ordering::Relaxed);
        let case = CASE.load(Ordering::Relaxed);
        let (spent, memory) = (ticks().saturating_sub(began), status("VmRSS:"));
        let what = if spent > 2 * TICKS {
            format!("found {case} time more than {} s of CPU", spent as f64 / 100.0)
        } else if memory > FAR_TOO_MUCH_KB {
            format!("found {case} memory more than {} MB resident", memory / 1024)
        } else {
            continue;
        };
        say(&what);
        std::process::exit(3);
    }
}

/// CPU time of this process so far, in ticks; 0 where that isn't known.
fn ticks() -> u64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The command's name, in parentheses, may hold anything.
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let field = |at: usize| fields.get(at).and_then(|field| field.parse::<u64>().ok()).unwrap_or(0);
    field(11) + field(12)
}

/// A number of kB that the system knows of this process; 0 where it doesn't.
fn status(key: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(key));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}

/// Makes the peak what is resident now; whether that is little enough for the next peak to be that of the next case.
fn reset_peak() -> bool {
    fs::write("/proc/self/clear_refs", "5").is_ok() && status("VmHWM:") < MEMORY_KB / 2
}
