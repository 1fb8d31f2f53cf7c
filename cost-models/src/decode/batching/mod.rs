//! Batching of requests: static, continuous, and with prompts read in chunks.
//!
//! A schedule is simulated step by step, and each step costs what its true mix of prompts and single tokens costs. How
//! long a request takes is a lower bound, since each step's time is one.

mod grid;
mod requests;
mod schedule;

use serde::Serialize;

use super::cost::Cost;
use super::memory::{Activations, CacheSize, weight_bits};
use super::step::{Deployment, Part};
use crate::error::Error;
use crate::report::{Bytes, Memory};
use cost_core::cost::Num;

pub use grid::Grid;
pub use requests::{Draw, Request, draw, from_csv};
pub use schedule::{Cell, Policy, Schedule, Served, Taken, schedule, unit_steps};

/// What serving requests costs.
#[derive(Clone, Debug, Serialize)]
pub struct Batching {
    /// `static`, `continuous` or `chunked`.
    pub policy: &'static str,
    /// Sequences at a time.
    pub slots: u64,
    /// Tokens a step, where there is a budget.
    pub budget: Option<u64>,
    /// Requests served.
    pub requests: u64,
    /// Tokens of all prompts.
    pub prompt_tokens: u64,
    /// Tokens of all answers.
    pub tokens: u64,
    /// Steps.
    pub steps: u64,
    /// The share of slots that had something to do.
    pub utilisation: f64,
    /// Seconds from the first arrival to the last token.
    pub seconds: f64,
    /// Tokens of answers a second.
    pub tokens_per_s: f64,
    /// The cost of all steps.
    pub cost: Cost,
    /// Seconds from arrival to the first token.
    pub ttft_s: Spread,
    /// Seconds from each token to the next, by request; nothing if all answers are single tokens.
    pub tpot_s: Option<Spread>,
    /// Seconds from arrival to the last token.
    pub latency_s: Spread,
    /// Bytes of the caches when they took most.
    pub cache_peak: Bytes,
    /// Bytes of the activations of the step that has most.
    pub activations_peak: Bytes,
    /// Whether the parameters and that much of both fit the device; nothing if its memory isn't known.
    pub fits: Option<bool>,
    /// Tokens of a prompt from which a step is bound by computing when the other slots are being answered; nothing if
    /// more are needed than are tried, or none are enough.
    pub chunk_at_ridge: Option<u64>,
    /// How many tokens aren't enough, where it isn't known how many are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chunk_at_ridge_more_than: Option<u64>,
    /// The slots over the first steps, where that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grid: Option<Grid>,
}

/// The largest chunk of a prompt that is tried.
pub const LARGEST_CHUNK: u64 = 1 << 20;

/// How values are spread; percentiles by nearest rank.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Spread {
    /// The mean.
    pub mean: f64,
    /// Half of the values are at most this.
    pub p50: f64,
    /// 90 % of the values are at most this.
    pub p90: f64,
    /// 99 % of the values are at most this.
    pub p99: f64,
    /// The largest.
    pub max: f64,
}

impl Spread {
    /// Of these values; nothing if there are none.
    pub fn of(mut values: Vec<f64>) -> Option<Self> {
        values.sort_by(f64::total_cmp);
        let max = *values.last()?;
        let rank = |percent: usize| values[(values.len() * percent).div_ceil(100).max(1) - 1];
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        Some(Self { mean, p50: rank(50), p90: rank(90), p99: rank(99), max })
    }
}

/// Serves requests on a deployment; `observe` sees each step.
pub fn batching(
    deployment: &Deployment,
    requests: &[Request],
    slots: u64,
    policy: Policy,
    observe: &mut dyn FnMut(&Taken<'_>),
) -> Result<Batching, Error> {
    for request in requests {
        request.check(deployment.model())?;
    }
    let mut activations = Activations::of(deployment);
    let mut price = |mix: &[Part]| {
        activations.note(mix)?;
        deployment.step(mix)
    };
    let done = schedule(requests, slots, policy, &mut price, observe)?;
    let served = || requests.iter().zip(&done.served);
    let spread = |of: &dyn Fn(&Request, &Served) -> Option<f64>| {
        Spread::of(served().filter_map(|(request, served)| of(request, served)).collect())
    };
    let none = Spread { mean: 0.0, p50: 0.0, p90: 0.0, p99: 0.0, max: 0.0 };
    let first = requests.iter().map(|request| request.arrival_s).fold(f64::INFINITY, f64::min);
    let last = done.served.iter().map(|served| served.end_s).fold(0.0, f64::max);
    let (tokens, prompt_tokens) =
        done.served.iter().fold((0, 0), |(tokens, prompt), it| (tokens + it.tokens, prompt + it.prompt));
    let size = CacheSize::of(deployment)?;
    let mut lengths = done.fullest.iter();
    let cache = lengths.try_fold(0_u128, |sum, tokens| Ok::<u128, Error>(sum.plus(&size.at(*tokens)?)?))?;
    let memory = Memory::of_bits(weight_bits(deployment)?, cache, activations.most)?;
    let chunk_at_ridge = chunk_at_ridge(deployment, others(requests, slots))?;
    Ok(Batching {
        policy: policy.name(),
        slots,
        budget: if let Policy::Chunked { budget } = policy { Some(budget) } else { None },
        requests: requests.len() as u64,
        prompt_tokens,
        tokens,
        steps: done.steps,
        utilisation: done.busy as f64 / (done.steps as f64 * slots as f64),
        seconds: last - first,
        tokens_per_s: tokens as f64 / (last - first),
        ttft_s: spread(&|request, served| Some(served.first_s - request.arrival_s)).unwrap_or(none),
        tpot_s: spread(&|request, served| {
            (request.output > 1).then(|| (served.end_s - served.first_s) / (request.output - 1) as f64)
        }),
        latency_s: spread(&|request, served| Some(served.end_s - request.arrival_s)).unwrap_or(none),
        cache_peak: memory.cache,
        activations_peak: memory.activations,
        fits: memory.fits(deployment.device()),
        chunk_at_ridge,
        chunk_at_ridge_more_than: chunk_at_ridge.is_none().then_some(LARGEST_CHUNK),
        cost: done.cost,
        grid: None,
    })
}

/// All slots but one, being answered, at the mean length of the requests.
fn others(requests: &[Request], slots: u64) -> Option<Part> {
    let lengths = requests.iter().map(|request| u128::from(request.prompt) + u128::from(request.output / 2));
    let mean = lengths.sum::<u128>().checked_div(requests.len() as u128)?;
    let past = u64::try_from(mean).ok()?;
    (slots > 1).then(|| Part::decode(slots - 1, past))
}

/// The smallest chunk of a prompt (nothing of it read before) that makes a step bound by computing, beside sequences that
/// are being answered; nothing if [`LARGEST_CHUNK`] tokens aren't enough.
pub fn chunk_at_ridge(deployment: &Deployment, others: Option<Part>) -> Result<Option<u64>, Error> {
    let reached = |chunk: u64| -> Result<bool, Error> {
        let chunk = Part::chunk(chunk, 0, false);
        let time = match others {
            Some(others) => deployment.step(&[chunk, others])?.time,
            None => deployment.step(&[chunk])?.time,
        };
        Ok(time.compute_s >= time.memory_s)
    };
    let (mut low, mut high) = (0, 1);
    while !reached(high)? {
        if high >= LARGEST_CHUNK {
            return Ok(None);
        }
        (low, high) = (high, high * 2);
    }
    while high - low > 1 {
        let middle = low.midpoint(high);
        *(if reached(middle)? { &mut high } else { &mut low }) = middle;
    }
    Ok(Some(high))
}
