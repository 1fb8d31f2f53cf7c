//! Methods beside each other.

use serde::Serialize;

use super::batching::Batching;
use super::cascade::Cascade;
use super::cost::Mean;
use super::early_exit::EarlyExit;
use super::generation::Generation;
use super::mixture_of_depths::MixtureOfDepths;
use super::parallel::Grouped;
use super::speculative::Speculation;

/// What a method takes to answer a workload, as a row of a comparison.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    /// The method with its parameters.
    pub method: String,
    /// Tokens of answers.
    pub tokens: u64,
    /// Steps of the model; expected ones where chance decides.
    pub steps: f64,
    /// The cost; expected where chance decides.
    pub cost: Mean,
    /// Seconds at least, waiting for requests included.
    pub seconds: f64,
    /// Tokens of answers a second.
    pub tokens_per_s: f64,
}

impl Row {
    pub(super) fn new(method: String, tokens: u64, steps: f64, cost: Mean) -> Self {
        let seconds = cost.lower_bound_s;
        Self { method, tokens, steps, cost, seconds, tokens_per_s: tokens as f64 / seconds }
    }
}

impl Generation {
    /// The generation as a row of a comparison.
    pub fn row(&self) -> Row {
        Row::new("plain".to_owned(), self.tokens, self.steps as f64, (&self.total).into())
    }
}

impl Batching {
    /// The schedule as a row of a comparison.
    pub fn row(&self) -> Row {
        let budget = self.budget.map_or_else(String::new, |budget| format!(", {budget} tokens a step"));
        let method = format!("{}, {} slots{budget}", self.policy, self.slots);
        let row = Row::new(method, self.tokens, self.steps as f64, (&self.cost).into());
        Row { seconds: self.seconds, tokens_per_s: self.tokens_per_s, ..row }
    }
}

impl Speculation {
    /// The generation as a row of a comparison.
    pub fn row(&self) -> Row {
        let method = format!("{} of {} drafted", self.draft, self.drafted);
        Row::new(method, self.tokens, self.rounds + 1.0, self.total)
    }
}

impl Cascade {
    /// The cascade as a row of a comparison; its steps are those of all models.
    pub fn row(&self, output: u64) -> Row {
        let models: Vec<&str> = self.stages.iter().map(|stage| stage.model.as_str()).collect();
        let reached: f64 = self.stages.iter().map(|stage| stage.reached).sum();
        Row::new(format!("cascade {}", models.join(", ")), self.tokens, reached * output as f64, self.total)
    }
}

impl Grouped {
    /// The generation as a row of a comparison.
    pub fn row(&self) -> Row {
        let refined = if self.refinements == 0 { String::new() } else { format!(", {} refinements", self.refinements) };
        let method = format!("groups of {}{refined}", self.group);
        Row::new(method, self.tokens, self.steps as f64, (&self.total).into())
    }
}

impl EarlyExit {
    /// The generation as a row of a comparison.
    pub fn row(&self, output: u64) -> Row {
        let method = format!("early exit after {:.1} of {}", self.mean_layer, self.layers);
        Row::new(method, self.tokens, output as f64, self.total)
    }
}

impl MixtureOfDepths {
    /// The generation as a row of a comparison.
    pub fn row(&self, output: u64) -> Row {
        let method = format!("depths, {} in {} of {}", self.capacity, self.routed, self.layers);
        Row::new(method, self.tokens, output as f64, self.total)
    }
}
