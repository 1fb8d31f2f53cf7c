//! How far a sweep has come, and whether the user has had enough.

use std::fmt;
use std::io::{ErrorKind, Write};
#[cfg(unix)]
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, OnceLock};
use std::time::{Duration, Instant};

use cost_models::sweep::Watch;
use indicatif::{ProgressBar, ProgressState, ProgressStyle};

use crate::failure::Result;
use crate::table;

/// How long nothing is shown.
const PATIENCE: Duration = Duration::from_millis(500);

/// Set when the user interrupts.
static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// Whether the user has interrupted.
fn interrupted() -> bool {
    INTERRUPTED.load(Ordering::Relaxed)
}

/// Shows progress on a terminal, if it takes a while.
pub(super) struct Watcher {
    rows: u64,
    started: Instant,
    bar: OnceLock<ProgressBar>,
    /// Rows that are done before there is a bar.
    before: Mutex<u64>,
}

impl Watcher {
    /// From now on neither an interruption nor a file that grows too large ends the process, so that no part of a file is
    /// left: the one is noted, the other makes a write fail.
    pub(super) fn new(rows: u64) -> Result<Self> {
        #[cfg(unix)]
        signal_hook::flag::register(signal_hook::consts::SIGXFSZ, Arc::default())
            .map_err(|error| format!("the limit of files' sizes can't be noted: {error}"))?;
        ctrlc::set_handler(|| INTERRUPTED.store(true, Ordering::Relaxed))
            .map_err(|error| format!("interruptions can't be noted: {error}"))?;
        Ok(Self { rows, started: Instant::now(), bar: OnceLock::new(), before: Mutex::new(0) })
    }

    /// Without a bar.
    pub(super) fn hidden(mut self) -> Self {
        self.bar = OnceLock::from(ProgressBar::hidden());
        self
    }

    /// Runs something that can be watched and interrupted.
    pub(super) fn watch<T>(self, work: impl FnOnce(Watch<'_>) -> T) -> T {
        let done = work(Watch { done: &|rows| self.done(rows), stop: &interrupted });
        if let Some(bar) = self.bar.get() {
            bar.finish_and_clear();
        }
        done
    }

    fn done(&self, rows: u64) {
        if let Some(bar) = self.bar.get() {
            return bar.inc(rows);
        }
        let Ok(mut before) = self.before.lock() else { return };
        *before += rows;
        if self.started.elapsed() > PATIENCE {
            let template = "{wide_bar} {human_pos} of {human_len} rows, {rate}/s, {eta} left";
            let rate = |state: &ProgressState, out: &mut dyn fmt::Write| {
                // There is nobody to tell.
                let _ = out.write_str(&table::si(state.per_sec()));
            };
            // On anything but a terminal the bar is hidden.
            self.bar.get_or_init(|| {
                let bar = ProgressBar::new(self.rows).with_position(*before);
                let style = ProgressStyle::with_template(template).map(|style| style.with_key("rate", rate));
                style.map_or(bar.clone(), |style| bar.with_style(style))
            });
        }
    }
}

/// Standard output, until nobody reads on.
#[derive(Default)]
pub(super) struct Stdout {
    /// Whether nobody does.
    pub(super) closed: bool,
}

impl Write for Stdout {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let written = std::io::stdout().lock().write(bytes);
        self.noted(written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        let flushed = std::io::stdout().lock().flush();
        self.noted(flushed)
    }
}

impl Stdout {
    fn noted<T>(&mut self, done: std::io::Result<T>) -> std::io::Result<T> {
        self.closed |= matches!(&done, Err(error) if error.kind() == ErrorKind::BrokenPipe);
        done
    }
}
