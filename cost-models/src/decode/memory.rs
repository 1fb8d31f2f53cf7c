//! Whether a generation fits a device's memory, and what would.

use cost_core::cost::Num;
use cost_core::op::Role;
use serde::Serialize;

use super::step::{Deployment, Part};
use super::task::Task;
use crate::error::Error;
use crate::report::Bytes;

/// What is in memory at the fullest moment of a generation, against the memory of the device.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Fit {
    /// Parameters.
    pub weights: Bytes,
    /// Caches and recurrent states of all sequences at their full length.
    pub cache: Bytes,
    /// Activations: those of the prefill or of the last step, whichever are more.
    pub activations: Bytes,
    /// All of them.
    pub total: Bytes,
    /// What the device has; nothing if that isn't known.
    pub memory: Option<Bytes>,
    /// Whether it is enough.
    pub fits: Option<bool>,
    /// The most sequences of these lengths that it is enough for.
    pub max_batch: Option<u64>,
    /// The longest that this many sequences of these prompts can get.
    pub max_context: Option<u64>,
}

/// What a task needs in memory and what the device could take instead.
pub fn fit(deployment: &Deployment, task: &Task) -> Result<Fit, Error> {
    task.check(&deployment.model)?;
    let Task { sequences, prompt, output } = *task;
    let full = prompt + output;
    let needed = Needed::of(deployment, sequences, prompt, full)?;
    let memory = memory_bits(deployment);
    let enough = |sequences: u64, tokens: u64| -> Result<bool, Error> {
        let needed = Needed::of(deployment, sequences, prompt, tokens)?.total()?;
        Ok(memory.is_some_and(|memory| needed <= memory))
    };
    let most = |enough: &dyn Fn(u64) -> Result<bool, Error>| memory.map(|_| largest(enough)).transpose();
    Ok(Fit {
        weights: Bytes::of_bits(needed.weights),
        cache: Bytes::of_bits(needed.cache),
        activations: Bytes::of_bits(needed.activations),
        total: Bytes::of_bits(needed.total()?),
        memory: memory.map(Bytes::of_bits),
        fits: memory.map(|_| enough(sequences, full)).transpose()?,
        max_batch: most(&|sequences| enough(sequences, full))?,
        max_context: most(&|tokens| enough(sequences, tokens.max(prompt)))?,
    })
}

/// Bits of a device's memory, if they are known.
pub(super) fn memory_bits(deployment: &Deployment) -> Option<u128> {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "positive, and a device's memory fits")]
    deployment.device.figures.memory_gb.map(|giga| (giga * 8e9) as u128)
}

/// Bits of a model's parameters.
pub(super) fn weight_bits(deployment: &Deployment) -> Result<u128, Error> {
    owned(deployment, &Part::decode(1, 0), &[Role::Weight])
}

/// Bits that the caches and states of so many sequences of so many tokens take.
pub(super) fn cached_bits(deployment: &Deployment, sequences: u64, tokens: u64) -> Result<u128, Error> {
    match tokens.checked_sub(1) {
        Some(past) => owned(deployment, &Part::decode(sequences, past), &[Role::Cache, Role::State]),
        None => Ok(0),
    }
}

fn owned(deployment: &Deployment, part: &Part, roles: &[Role]) -> Result<u128, Error> {
    let tensors = deployment.model.tensors(&part.workload(), &deployment.options)?;
    let those = tensors.iter().filter(|tensor| roles.contains(&tensor.role));
    those.map(|tensor| tensor.bits.times(&tensor.copies)).try_fold(0_u128, |sum, bits| Ok(sum.plus(&bits?)?))
}

struct Needed {
    weights: u128,
    cache: u128,
    activations: u128,
}

impl Needed {
    fn of(deployment: &Deployment, sequences: u64, prompt: u64, tokens: u64) -> Result<Self, Error> {
        let peak = |part: Part| deployment.model.peak(&part.workload(), &deployment.options);
        let last = Part::decode(sequences, tokens.saturating_sub(1));
        Ok(Self {
            weights: weight_bits(deployment)?,
            cache: cached_bits(deployment, sequences, tokens)?,
            activations: peak(Part::prefill(sequences, prompt))?.max(peak(last)?),
        })
    }

    fn total(&self) -> Result<u128, Error> {
        Ok(self.weights.plus(&self.cache)?.plus(&self.activations)?)
    }
}

/// The largest number from 1 on that is small enough; 0 if none is, and no more than 2^40.
fn largest(enough: &dyn Fn(u64) -> Result<bool, Error>) -> Result<u64, Error> {
    let (mut low, mut high) = (0, 1);
    while enough(high)? {
        if high >= 1 << 40 {
            return Ok(high);
        }
        (low, high) = (high, high * 2);
    }
    while high - low > 1 {
        let middle = low.midpoint(high);
        *(if enough(middle)? { &mut low } else { &mut high }) = middle;
    }
    Ok(low)
}
