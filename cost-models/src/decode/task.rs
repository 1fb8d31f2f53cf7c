//! What is asked for.

use crate::error::Error;
use crate::model::Model;

/// Prompts of one length, each answered with the same number of tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Task {
    /// Number of sequences, which are decoded together.
    pub sequences: u64,
    /// Tokens of each prompt.
    pub prompt: u64,
    /// Tokens of each answer, the one that ends it included.
    pub output: u64,
}

impl Task {
    /// Tokens of all answers together; an error if they don't fit 64 bits.
    pub fn tokens(&self) -> Result<u64, Error> {
        self.sequences.checked_mul(self.output).ok_or(Error::Cost(cost_core::Error::Overflow { counting: "tokens" }))
    }

    /// An error if there is no sequence, no prompt or no answer, or if prompt and answer are longer than the model's
    /// context.
    pub fn check(&self, model: &Model) -> Result<(), Error> {
        let Self { sequences, prompt, output } = *self;
        for (field, value) in [("batch", sequences), ("prompt", prompt), ("output", output)] {
            at_least_one(field, value)?;
        }
        within_context(model, prompt, output)
    }
}

/// An error if a count is zero.
pub(super) fn at_least_one(field: &str, value: u64) -> Result<(), Error> {
    if value > 0 { Ok(()) } else { Err(Error::field(field, value, "at least 1")) }
}

/// An error if a prompt with its answer is longer than the context that the model was made for.
pub(super) fn within_context(model: &Model, prompt: u64, output: u64) -> Result<(), Error> {
    let longest = model.context.unwrap_or(u64::MAX);
    match prompt.checked_add(output) {
        Some(all) if all <= longest => Ok(()),
        _ => Err(Error::Field {
            field: "prompt + output".to_owned(),
            found: format!("{prompt} + {output} tokens"),
            expected: format!("at most {longest}, the context that {} was made for", model.name),
        }),
    }
}

/// An error if a number is not a probability.
pub(super) fn probability(field: &str, value: f64) -> Result<f64, Error> {
    if (0.0..=1.0).contains(&value) {
        Ok(value)
    } else {
        Err(Error::field(field, value, "a probability: a number from 0 to 1"))
    }
}
