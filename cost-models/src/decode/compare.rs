//! Methods beside each other.

use cost_core::cost::Num;
use serde::ser::Error as _;
use serde::{Serialize, Serializer};

use super::batching::Batching;
use super::cascade::Cascade;
use super::cost::{Cost, Mean};
use super::early_exit::EarlyExit;
use super::generation::Generation;
use super::mixture_of_depths::MixtureOfDepths;
use super::parallel::Grouped;
use super::speculative::Speculation;
use crate::report::Bytes;

/// What a method takes to answer a workload, as a row of a comparison.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    /// The method with its parameters.
    pub method: String,
    /// Tokens of answers.
    pub tokens: u64,
    /// Steps of the model; expected ones where chance decides.
    pub steps: Steps,
    /// The cost; expected where chance decides.
    pub cost: RowCost,
    /// Seconds at least, waiting for requests included.
    pub seconds: f64,
    /// Tokens of answers a second.
    pub tokens_per_s: f64,
}

/// A number of steps.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Steps {
    /// As many as that.
    Exact(u64),
    /// So many in the mean.
    Expected(f64),
}

/// What the steps cost; as JSON the fields of [`Mean`] in both cases.
#[derive(Clone, Debug, PartialEq)]
pub enum RowCost {
    /// Exactly that.
    Exact(Cost),
    /// That in the mean.
    Expected(Mean),
}

impl Steps {
    /// The number in floating point.
    pub const fn to_f64(self) -> f64 {
        match self {
            Self::Exact(steps) => steps as f64,
            Self::Expected(steps) => steps,
        }
    }
}

impl RowCost {
    /// The cost in floating point.
    pub fn mean(&self) -> Mean {
        match self {
            Self::Exact(cost) => cost.into(),
            Self::Expected(mean) => *mean,
        }
    }
}

impl Serialize for RowCost {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Shown {
            flops: u128,
            bytes: Bytes,
            weights: Bytes,
            acts: Bytes,
            cache: Bytes,
            compute_s: f64,
            memory_s: f64,
            lower_bound_s: f64,
        }
        let cost = match self {
            Self::Expected(mean) => return mean.serialize(serializer),
            Self::Exact(cost) => cost,
        };
        let bits = &cost.bits;
        let sum = |a: u128, b: u128| a.plus(&b).map(Bytes::of_bits).map_err(S::Error::custom);
        let shown = Shown {
            flops: cost.flops().map_err(S::Error::custom)?,
            bytes: Bytes::of_bits(bits.total().map_err(S::Error::custom)?),
            weights: Bytes::of_bits(bits.weights),
            acts: sum(bits.acts_read, bits.acts_written)?,
            cache: sum(bits.cache_read, bits.cache_written)?,
            compute_s: cost.time.compute_s,
            memory_s: cost.time.memory_s,
            lower_bound_s: cost.time.lower_bound_s,
        };
        shown.serialize(serializer)
    }
}

impl Row {
    fn exact(method: String, tokens: u64, steps: u64, cost: &Cost) -> Self {
        Self::new(method, tokens, Steps::Exact(steps), RowCost::Exact(cost.clone()))
    }

    fn expected(method: String, tokens: u64, steps: Steps, cost: Mean) -> Self {
        Self::new(method, tokens, steps, RowCost::Expected(cost))
    }

    fn new(method: String, tokens: u64, steps: Steps, cost: RowCost) -> Self {
        let seconds = cost.mean().lower_bound_s;
        Self { method, tokens, steps, cost, seconds, tokens_per_s: tokens as f64 / seconds }
    }
}

impl Generation {
    /// The generation as a row of a comparison.
    pub fn row(&self) -> Row {
        Row::exact("plain".to_owned(), self.tokens, self.steps, &self.total)
    }
}

impl Batching {
    /// The schedule as a row of a comparison.
    pub fn row(&self) -> Row {
        let budget = self.budget.map_or_else(String::new, |budget| format!(", {budget} tokens a step"));
        let method = format!("{}, {} slots{budget}", self.policy, self.slots);
        let row = Row::exact(method, self.tokens, self.steps, &self.cost);
        Row { seconds: self.seconds, tokens_per_s: self.tokens_per_s, ..row }
    }
}

impl Speculation {
    /// The generation as a row of a comparison.
    pub fn row(&self) -> Row {
        let plural = if self.drafted == 1 { "" } else { "s" };
        let tokens = format!("{} token{plural}", self.drafted);
        let method = match &self.draft_model {
            Some(model) => format!("{} of {tokens} drafted by {model}", self.draft),
            None => format!("{tokens} drafted by {}", self.draft),
        };
        Row::expected(method, self.tokens, Steps::Expected(self.rounds + 1.0), self.total)
    }
}

impl Cascade {
    /// The cascade as a row of a comparison; its steps are those of all models.
    pub fn row(&self, output: u64) -> Row {
        let models: Vec<&str> = self.stages.iter().map(|stage| stage.model.as_str()).collect();
        let reached: f64 = self.stages.iter().map(|stage| stage.reached).sum();
        let steps = Steps::Expected(reached * output as f64);
        Row::expected(format!("cascade {}", models.join(", ")), self.tokens, steps, self.total)
    }
}

impl Grouped {
    /// The generation as a row of a comparison.
    pub fn row(&self) -> Row {
        let refined = match self.refinements {
            0 => String::new(),
            1 => ", 1 refinement".to_owned(),
            refinements => format!(", {refinements} refinements"),
        };
        let method = format!("groups of {}{refined}", self.group);
        Row::exact(method, self.tokens, self.steps, &self.total)
    }
}

impl EarlyExit {
    /// The generation as a row of a comparison.
    pub fn row(&self, output: u64) -> Row {
        let method = format!("early exit after {:.1} of {}", self.mean_layer, self.layers);
        Row::expected(method, self.tokens, Steps::Exact(output), self.total)
    }
}

impl MixtureOfDepths {
    /// The generation as a row of a comparison.
    pub fn row(&self, output: u64) -> Row {
        let method = format!("depths, {} in {} of {}", self.capacity, self.routed, self.layers);
        Row::expected(method, self.tokens, Steps::Exact(output), self.total)
    }
}
