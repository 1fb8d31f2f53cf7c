//! A model's steps, compiled for an inner loop.

use cost_core::expr::Expr;
use cost_core::hardware::Hardware;
use cost_core::plan::{Row, Table};
use cost_core::roofline::Time;
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
            Size::Absorbed => Ok(Expr::int(i128::from(self.is_absorbed(steps.phase)))),
        });
        Plan::new(self.op(), &free, &sizes.collect::<Result<Vec<_>>>()?, options)
    }
}

/// Some tokens of one sequence.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sequence {
    /// How many are new.
    pub tokens: f64,
    /// How many are in the cache.
    pub past: f64,
}

/// Evaluates steps that mix sequences: parts of prompts beside sequences that decode, as a scheduler puts them together.
///
/// Weights are read once for the tokens of all sequences (of routed experts, those that so many tokens touch; of a table of
/// positions, a row for each token);
/// everything else adds up.
///
/// ```
/// use cost_core::{Options, hardware};
/// use cost_models::{Mixed, Sequence, catalogue};
///
/// let model = catalogue::find("llama-3.1-8b")?;
/// let device = hardware::find("h100")?;
/// let mut step = Mixed::new(&model, &Options::default())?;
/// // 32 sequences decode; a prompt's tokens are added as long as the step takes at most 25 ms.
/// let mut sequences = vec![Sequence { tokens: 1.0, past: 2000.0 }; 32];
/// sequences.push(Sequence { tokens: 0.0, past: 0.0 });
/// while step.time(&sequences, &device)?.lower_bound_s <= 0.025 {
///     sequences[32].tokens += 64.0;
/// }
/// assert!(sequences[32].tokens > 500.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Mixed {
    table: Table<f64>,
    rows: Vec<Row<f64>>,
}

impl Mixed {
    /// Of a model, each sequence's last logits computed.
    pub fn new(model: &Model, options: &Options) -> Result<Self> {
        let plan = model.plan(&Steps { batch: Some(1), ..Steps::chunks() }, options)?;
        Ok(Self { table: plan.table(), rows: Vec::new() })
    }

    /// The kernels' paths, in the order of the rows.
    pub fn paths(&self) -> &[String] {
        self.table.paths()
    }

    /// The kernels of one step, in the order in which they run.
    pub fn at(&mut self, sequences: &[Sequence]) -> Result<&[Row<f64>]> {
        let tokens = sequences.iter().map(|it| it.tokens).sum();
        self.rows.clear();
        self.rows.extend(self.table.at(&[tokens, 0.0])?.iter().map(Row::weights_only));
        for Sequence { tokens, past } in sequences {
            for (sum, row) in self.rows.iter_mut().zip(self.table.at(&[*tokens, *past])?) {
                sum.add_sequence(row);
            }
        }
        Ok(&self.rows)
    }

    /// How long a step takes at least on a device: all repetitions of all kernels, one after the other.
    pub fn time(&mut self, sequences: &[Sequence], device: &Hardware) -> Result<Time> {
        let mut sum = Time { compute_s: 0.0, memory_s: 0.0, lower_bound_s: 0.0 };
        for row in self.at(sequences)? {
            let one = row.time(device);
            sum.compute_s += one.compute_s * row.repeat;
            sum.memory_s += one.memory_s * row.repeat;
            sum.lower_bound_s += one.lower_bound_s * row.repeat;
        }
        Ok(sum)
    }
}
