//! Requests: from a table, or drawn.

use cost_core::random::Random;

use crate::decode::lengths::Lengths;
use crate::decode::table::Table;
use crate::decode::task::{MOST_STEPS, at_least_one, at_most, within_context};
use crate::error::Error;
use crate::model::Model;

/// A prompt that arrives and is to be answered.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Request {
    /// Seconds after the start.
    pub arrival_s: f64,
    /// Tokens of the prompt.
    pub prompt: u64,
    /// Tokens of the answer, the one that ends it included.
    pub output: u64,
}

impl Request {
    /// An error if the request has no tokens or is longer than the context that the model was made for.
    pub fn check(&self, model: &Model) -> Result<(), Error> {
        at_least_one("prompt", self.prompt)?;
        at_least_one("output", self.output)?;
        within_context(model, self.prompt, self.output)?;
        at_most("output", self.output, MOST_STEPS, "tokens, each of which is a step")
    }

    /// The same request so many times.
    pub fn repeated(self, times: u64) -> Result<Vec<Self>, Error> {
        at_most("requests", times, MOST_REQUESTS, MOST_EXPLAINED)?;
        Ok((0..times).map(|_| self).collect())
    }
}

/// The latest arrival, in seconds: later ones could not be told apart to the microsecond.
const LATEST: f64 = 1e9;

/// Most requests of one schedule.
pub(super) const MOST_REQUESTS: u64 = 1 << 20;
pub(super) const MOST_EXPLAINED: &str = "requests, each of which is followed by itself";

/// Reads requests from CSV with the columns `prompt`, `output` and, unless all arrive at the start, `arrival` in seconds.
///
/// An error names the line and the column, what was found and what was expected.
pub fn from_csv(text: &str, model: &Model) -> Result<Vec<Request>, Error> {
    let table = Table::read(text, &["arrival", "prompt", "output"], &["arrival"])?;
    let read = table.lines().map(|line| {
        let tokens = |name| line.value(name, "a positive whole number of tokens", |tokens: &u64| *tokens > 0);
        let arrival_s = match line.text("arrival") {
            "" => 0.0,
            _ => line.value("arrival", "seconds: a number from 0 to 1e9", |s: &f64| (0.0..=LATEST).contains(s))?,
        };
        let request = Request { arrival_s, prompt: tokens("prompt")?, output: tokens("output")? };
        request.check(model).map_err(|error| match error {
            Error::Field { field, found, expected } => {
                Error::Field { field: format!("line {}, {field}", line.number), found, expected }
            }
            other => other,
        })?;
        Ok(request)
    });
    read.collect()
}

/// What is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Draw {
    /// How many requests.
    pub requests: u64,
    /// How many arrive in a second in the mean, independently of each other (a Poisson process); all at the start if
    /// nothing is said.
    pub rate: Option<f64>,
    /// Lengths of the prompts.
    pub prompts: Lengths,
    /// Lengths of the answers.
    pub outputs: Lengths,
    /// What the numbers come from: the same seed draws the same requests.
    pub seed: u64,
}

/// Draws requests. Those longer than the model's context are cut, the answer first; that all of them are is an error.
pub fn draw(draw: &Draw, model: &Model) -> Result<Vec<Request>, Error> {
    at_least_one("requests", draw.requests)?;
    at_most("requests", draw.requests, MOST_REQUESTS, MOST_EXPLAINED)?;
    if let Some(rate) = draw.rate.filter(|rate| !(rate.is_finite() && *rate > 0.0)) {
        return Err(Error::field("rate", rate, "a positive number of requests a second"));
    }
    let longest = model.context.unwrap_or(u64::MAX);
    if longest < 2 {
        return Err(Error::field("context", longest, "at least 2 tokens: a prompt and an answer"));
    }
    let least = draw.prompts.least().saturating_add(draw.outputs.least());
    if least > longest {
        let expected = format!("at most {longest} tokens, the context of {}", model.name);
        return Err(Error::field("prompts + outputs", format!("at least {least}"), expected));
    }
    let mut random = Random::new(draw.seed);
    let mut arrival_s = 0.0;
    let requests = (0..draw.requests).map(|_| {
        if let Some(rate) = draw.rate {
            arrival_s -= (1.0 - random.unit()).ln() / rate;
        }
        let prompt = draw.prompts.draw(&mut random).min(longest - 1);
        let output = draw.outputs.draw(&mut random).min(longest - prompt);
        Request { arrival_s, prompt, output }
    });
    let requests: Vec<Request> = requests.collect();
    match (draw.rate, requests.last()) {
        (Some(rate), Some(last)) if last.arrival_s > LATEST => {
            Err(Error::field("rate", rate, format!("a rate at which all arrive within {LATEST} seconds")))
        }
        _ => Ok(requests),
    }
}
