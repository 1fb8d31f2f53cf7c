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
        within_context(model, prompt, output)?;
        at_most("output", output, MOST_STEPS, "tokens, each of which is a step")
    }
}

/// Most steps that are costed one by one: some ten seconds' worth.
pub(super) const MOST_STEPS: u64 = 1 << 24;

/// Most tokens of a sequence, whatever context a model says it was made for. Sums over sequences then fit 64 bits.
const LONGEST: u64 = 1 << 40;

/// An error if a count is larger than can be costed.
pub(super) fn at_most(field: &str, value: u64, most: u64, what: &str) -> Result<(), Error> {
    if value <= most { Ok(()) } else { Err(Error::field(field, value, format!("at most {most} {what}"))) }
}

/// An error if a count is zero.
pub(super) fn at_least_one(field: &str, value: u64) -> Result<(), Error> {
    if value > 0 { Ok(()) } else { Err(Error::field(field, value, "at least 1")) }
}

/// An error if a prompt with its answer is longer than the context that the model was made for.
pub(super) fn within_context(model: &Model, prompt: u64, output: u64) -> Result<(), Error> {
    let made_for = model.context.filter(|context| *context <= LONGEST);
    let longest = made_for.unwrap_or(LONGEST);
    match prompt.checked_add(output) {
        Some(all) if all <= longest => Ok(()),
        _ => {
            let why = made_for.map_or_else(String::new, |_| format!(", the context that {} was made for", model.name));
            Err(Error::field(
                "prompt + output",
                format!("{prompt} + {output} tokens"),
                format!("at most {longest}{why}"),
            ))
        }
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
