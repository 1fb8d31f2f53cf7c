//! How far a schedule has come, on a terminal and only if it takes a while.

use std::time::{Duration, Instant};

use cost_models::decode::batching::{Request, Taken};
use indicatif::{ProgressBar, ProgressStyle};

/// How long nothing is shown.
const PATIENCE: Duration = Duration::from_millis(500);

pub(super) struct Progress {
    tokens: u64,
    done: u64,
    started: Instant,
    bar: Option<ProgressBar>,
}

impl Progress {
    pub(super) fn of(requests: &[Request]) -> Self {
        // The last token of an answer isn't read again.
        let each = requests.iter().map(|request| request.prompt.saturating_add(request.output - 1));
        let tokens = each.fold(0, u64::saturating_add);
        Self { tokens, done: 0, started: Instant::now(), bar: None }
    }

    pub(super) fn note(&mut self, taken: &Taken<'_>) {
        self.done += taken.mix.iter().map(|part| part.new * part.sequences).sum::<u64>();
        if self.bar.is_none() && self.started.elapsed() > PATIENCE {
            let style = ProgressStyle::with_template("{wide_bar} {human_pos} of {human_len} tokens, {eta} left");
            self.bar = style.ok().map(|style| ProgressBar::new(self.tokens).with_style(style));
        }
        if let Some(bar) = &self.bar {
            bar.set_position(self.done);
        }
    }

    pub(super) fn end(self) {
        if let Some(bar) = self.bar {
            bar.finish_and_clear();
        }
    }
}
