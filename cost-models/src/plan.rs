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
    /// The model's costs over the axes that `steps` leaves free, of `batch`, `tokens` and `past` in that order. For steps
    /// that mix sequences of several kinds see [`Deployment::step`](crate::decode::Deployment::step).
    ///
    /// How long a batch may become before a decode step takes longer than 20 ms at least, at each context:
    ///
    /// ```
    /// use cost_core::{Options, hardware};
    /// use cost_models::{Steps, catalogue};
    ///
    /// let model = catalogue::find("llama-3.1-8b")?;
    /// let plan = model.plan(&Steps::decode(), &Options::default())?;
    /// assert_eq!(plan.axes(), ["batch", "past"]);
    /// // Once; each evaluation then takes nanoseconds and allocates nothing.
    /// let mut step = plan.on(&hardware::find("h100")?)?;
    /// let mut largest = |past: f64| {
    ///     let mut batch = 0.0;
    ///     while step.at(&[batch + 1.0, past])?.time.lower_bound_s < 0.020 {
    ///         batch += 1.0;
    ///     }
    ///     Ok::<_, cost_core::Error>(batch)
    /// };
    /// assert!(largest(1024.0)? > largest(16_384.0)?);
    /// // The same point exactly.
    /// let totals = plan.summary::<u128>().at(&[32, 1024])?;
    /// assert_eq!(totals.bits.weights % 16, 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn plan(&self, steps: &Steps, options: &Options) -> Result<Plan> {
        let (free, sizes) = self.free(steps)?;
        self.architecture().with(|op| Plan::new(op, &free, &sizes, &self.options(options)))
    }

    /// [`Model::plan`] with what stays in memory between steps.
    pub fn plan_with_memory(&self, steps: &Steps, options: &Options) -> Result<Plan> {
        let (free, sizes) = self.free(steps)?;
        let encodes = |(size, own): (Expr, &Size)| if *own == Size::Encodes { Expr::int(1) } else { size };
        let owned: Vec<Expr> = sizes.iter().cloned().zip(self.axis_sizes()).map(encodes).collect();
        self.architecture().with(|op| Plan::with_memory_of(op, &free, &sizes, &owned, &self.options(options)))
    }

    /// The axes that steps leave free, and the sizes of the architecture's axes in terms of them.
    fn free(&self, steps: &Steps) -> Result<(Vec<&'static str>, Vec<Expr>)> {
        self.takes(steps.phase, steps.past)?;
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
            Size::Outputs => match steps.logits {
                Logits::Last => new.smaller(&Expr::int(1)),
                Logits::All => Ok(new.clone()),
                Logits::Of(outputs) => Ok(Expr::int(i128::from(outputs))),
            },
            Size::New => Ok(new.clone()),
            Size::Source => Ok(self.source().map_or_else(|| all.clone(), |source| Expr::int(i128::from(source)))),
            Size::Encodes => Ok(Expr::int(i128::from(Self::encodes(steps.phase)))),
            Size::Absorbed => Ok(Expr::int(i128::from(self.is_absorbed(steps.phase)))),
            Size::Derived => Ok(Expr::int(0)),
        });
        let sizes = sizes.collect::<Result<Vec<_>>>()?;
        Ok((free, sizes))
    }
}
