//! How far a schedule has come, on a terminal and only if it takes a while.

use std::cell::RefCell;
use std::time::{Duration, Instant};

use cost_api::Listener;
use indicatif::{ProgressBar, ProgressStyle};

use crate::output::tell;

/// How long nothing is shown.
const PATIENCE: Duration = Duration::from_millis(500);

#[derive(Default)]
pub(super) struct Progress(RefCell<Option<Schedule>>);

/// What is being done.
struct Schedule {
    tokens: u64,
    done: u64,
    started: Instant,
    bar: Option<ProgressBar>,
}

impl Listener for Progress {
    fn told(&self, line: &str) {
        tell(line);
    }

    fn begun(&self, tokens: u64) {
        *self.0.borrow_mut() = Some(Schedule { tokens, done: 0, started: Instant::now(), bar: None });
    }

    fn taken(&self, tokens: u64) {
        if let Some(schedule) = &mut *self.0.borrow_mut() {
            schedule.taken(tokens);
        }
    }

    fn ended(&self) {
        if let Some(bar) = self.0.take().and_then(|schedule| schedule.bar) {
            bar.finish_and_clear();
        }
    }
}

impl Schedule {
    fn taken(&mut self, tokens: u64) {
        self.done += tokens;
        if self.bar.is_none() && self.started.elapsed() > PATIENCE {
            let style = ProgressStyle::with_template("{wide_bar} {human_pos} of {human_len} tokens, {eta} left");
            self.bar = style.ok().map(|style| ProgressBar::new(self.tokens).with_style(style));
        }
        if let Some(bar) = &self.bar {
            bar.set_position(self.done);
        }
    }
}
