//! Methods beside each other.

use serde::Serialize;

use super::batching::Batching;
use super::cost::Mean;
use super::generation::Generation;

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
