//! A model's steps, compiled for an inner loop.

use cost_core::expr::Expr;
use cost_core::{Options, Plan, Result};

use crate::model::{Logits, Model, Phase, Size};

/// Which steps a plan is for: what is a number stays the same, what isn't becomes one of the plan's free axes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Steps {
    /// What the steps do.
    pub phase: Phase,
    /// Number of sequences.
    pub batch: Option<u64>,
    /// New tokens of each.
    pub tokens: Option<u64>,
    /// Tokens of each in the cache.
    pub past: Option<u64>,
    /// Whose logits are computed.
    pub logits: Logits,
}

impl Steps {
    /// Any prompt, whole: batch and new tokens are free.
    pub const fn prefill() -> Self {
        Self { phase: Phase::Prefill, batch: None, tokens: None, past: Some(0), logits: Logits::Last }
    }

    /// One new token for each sequence: batch and past are free.
    pub const fn decode() -> Self {
        Self { phase: Phase::Decode, batch: None, tokens: Some(1), past: None, logits: Logits::Last }
    }

    /// Parts of prompts after what is cached already: batch, new tokens and past are free.
    pub const fn chunks() -> Self {
        Self { phase: Phase::Prefill, batch: None, tokens: None, past: None, logits: Logits::Last }
    }
}

impl Model {
    /// The model's costs over the axes that `steps` leaves free, of `batch`, `tokens` and `past` in that order.
    pub fn plan(&self, steps: &Steps, options: &Options) -> Result<Plan> {
        let mut free = Vec::new();
        let mut size = |name, fixed: Option<u64>| match fixed {
            Some(fixed) => Expr::int(i128::from(fixed)),
            None => {
                free.push(name);
                #[expect(clippy::cast_possible_truncation, reason = "there are three")]
                Expr::axis(free.len() as u16 - 1)
            }
        };
        let (batch, new, past) = (size("batch", steps.batch), size("tokens", steps.tokens), size("past", steps.past));
        let all = past.add(&new)?;
        let sizes = self.axis_sizes().iter().map(|size| match size {
            Size::Fixed(size) => Ok(Expr::int(i128::from(*size))),
            Size::Batch => Ok(batch.clone()),
            Size::All => Ok(all.clone()),
            Size::Beyond => all.add(&Expr::int(1)),
            Size::Outputs if steps.logits == Logits::Last => new.smaller(&Expr::int(1)),
            Size::New | Size::Outputs => Ok(new.clone()),
        });
        Plan::new(self.op(), &free, &sizes.collect::<Result<Vec<_>>>()?, options)
    }
}
