//! Whether a generation fits a device's memory, and what would.

use cost_core::cost::{Num, tensors};
use cost_core::expr::Expr;
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
    /// Caches and recurrent states of all sequences before their last token, which nothing reads again.
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
    /// The most tokens that each of this many sequences of these prompts can get to, up to 2^40.
    pub max_context: Option<u64>,
}

/// What a task needs in memory and what the device could take instead.
pub fn fit(deployment: &Deployment, task: &Task) -> Result<Fit, Error> {
    task.check(deployment.model())?;
    let Task { sequences, prompt, output } = *task;
    let full = prompt + output;
    let (weights, cache) = (weight_bits(deployment)?, CacheSize::of(deployment)?);
    let of = |sequences, tokens| Needed::of(deployment, weights, &cache, (sequences, prompt, tokens));
    let needed = of(sequences, full)?;
    let memory = memory_bits(deployment);
    let enough = |sequences: u64, tokens: u64| -> Result<bool, Error> {
        let needed = of(sequences, tokens)?.total()?;
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
    deployment.device().figures.memory_gb.map(|giga| (giga * 8e9) as u128)
}

/// Bits of a model's parameters.
pub(super) fn weight_bits(deployment: &Deployment) -> Result<u128, Error> {
    let tensors = deployment.model().tensors(&Part::decode(1, 0).workload(), deployment.options())?;
    let weights = tensors.iter().filter(|tensor| tensor.role == Role::Weight);
    weights.map(|tensor| tensor.bits.times(&tensor.copies)).try_fold(0_u128, |sum, bits| Ok(sum.plus(&bits?)?))
}

/// Bits that the caches and states of one sequence take, as a function of the tokens in them.
pub(super) struct CacheSize {
    /// In terms of axis 0, the number of tokens.
    formula: Expr,
}

impl CacheSize {
    pub(super) fn of(deployment: &Deployment) -> Result<Self, Error> {
        let (model, options) = (deployment.model(), deployment.options());
        // Sizes that grow with the tokens do so one by one.
        let [one, two] = [0, 1].map(|past| model.sizes(&Part::decode(1, past).workload()));
        let sizes = one?.into_iter().zip(two?).map(|(one, two)| {
            let start = Expr::int(i128::try_from(one).map_err(|_| TOO_LARGE)?);
            if one == two { Ok(start) } else { Ok(start.add(&Expr::axis(0))?.sub(&Expr::int(1))?) }
        });
        let sizes = sizes.collect::<Result<Vec<_>, Error>>()?;
        let mut formula = Expr::default();
        for tensor in tensors(model.op(), &sizes, options)? {
            if matches!(tensor.role, Role::Cache | Role::State) {
                formula = formula.add(&tensor.bits.mul(&tensor.copies)?)?;
            }
        }
        Ok(Self { formula })
    }

    pub(super) fn at(&self, tokens: u64) -> Result<u128, Error> {
        if tokens == 0 {
            return Ok(0);
        }
        let whole = self.formula.value(&[tokens])?.whole();
        Ok(whole.and_then(|bits| u128::try_from(bits).ok()).ok_or(TOO_LARGE)?)
    }
}

const TOO_LARGE: cost_core::Error = cost_core::Error::Overflow { counting: "cache bytes" };

struct Needed {
    weights: u128,
    cache: u128,
    activations: u128,
}

impl Needed {
    fn of(
        deployment: &Deployment,
        weights: u128,
        cache: &CacheSize,
        (sequences, prompt, tokens): (u64, u64, u64),
    ) -> Result<Self, Error> {
        let peak = |part: Part| deployment.model().peak(&part.workload(), deployment.options());
        // The last token is never read again, and the one before it is read by the last step.
        let last = Part::decode(sequences, tokens.saturating_sub(2));
        Ok(Self {
            weights,
            cache: cache.at(tokens.saturating_sub(1))?.times(&u128::from(sequences))?,
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
