//! Whether a generation fits a device's memory, and what would.

use cost_core::cost::{Num, peak, tensors};
use cost_core::expr::Expr;
use cost_core::op::Role;
use cost_core::plan::{Count, ExactColumns};
use serde::Serialize;

use super::step::{Deployment, Part};
use super::task::Task;
use crate::error::Error;
use crate::fit::{LARGEST, largest};
use crate::model::{Logits, Phase};
use crate::plan::Steps;
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
    /// The most sequences of these lengths that it is enough for; nothing if that is more than is looked for.
    pub max_batch: Option<u64>,
    /// How many sequences fit at least, where the most aren't known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_batch_more_than: Option<u64>,
    /// The most tokens that each of this many sequences of these prompts can get to; nothing if that is more than is
    /// looked for, as where states don't grow.
    pub max_context: Option<u64>,
    /// How many tokens fit at least, where the most aren't known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_context_more_than: Option<u64>,
}

/// A model that is in memory while a task is decoded, and what its fullest step is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Resident<'d> {
    /// The model.
    pub(super) deployment: &'d Deployment,
    /// How many of it there are, each with parameters and caches of its own.
    pub(super) count: u64,
    /// Of how many tokens of the prompts it gives logits; nothing if it doesn't read them.
    pub(super) reads: Option<u64>,
    /// New tokens of each sequence in its largest step after the prompts.
    pub(super) new: u64,
    /// Tokens that the steps after the last but one token of a sequence add to its cache.
    pub(super) added: u64,
}

/// What a task decoded token by token needs in memory and what the device could take instead.
pub fn fit(deployment: &Deployment, task: &Task) -> Result<Fit, Error> {
    fit_together(&[Resident { deployment, count: 1, reads: Some(1), new: 1, added: 1 }], deployment, task)
}

/// The same of several models on a device, which run one after the other: their parameters and caches add up.
pub(super) fn fit_together(models: &[Resident<'_>], device: &Deployment, task: &Task) -> Result<Fit, Error> {
    task.check(device.model())?;
    let Task { sequences, prompt, output } = *task;
    let full = prompt + output;
    let sized = models.iter().map(|it| Ok((it, CacheSize::of(it.deployment)?)));
    let sized = sized.collect::<Result<Vec<_>, Error>>()?;
    let weights = models.iter().try_fold(0_u128, |sum, it| {
        Ok::<u128, Error>(sum.plus(&weight_bits(it.deployment)?.times(&u128::from(it.count))?)?)
    })?;
    let of = |sequences, tokens| Needed::of(&sized, weights, (sequences, prompt, tokens));
    let needed = of(sequences, full)?;
    let memory = device.device().memory_bits();
    let enough = |sequences: u64, tokens: u64| -> Result<bool, Error> {
        let needed = of(sequences, tokens)?.total()?;
        Ok(memory.is_some_and(|memory| needed <= memory))
    };
    let most = |enough: &dyn Fn(u64) -> Result<bool, Error>| {
        Ok::<_, Error>(match memory.map(|_| largest(LARGEST, enough)).transpose()? {
            Some(most) if most == LARGEST => (None, Some(most)),
            most => (most, None),
        })
    };
    let (max_batch, max_batch_more_than) = most(&|sequences| enough(sequences, full))?;
    let (max_context, max_context_more_than) = most(&|tokens| enough(sequences, tokens.max(prompt)))?;
    Ok(Fit {
        weights: Bytes::of_bits(needed.weights),
        cache: Bytes::of_bits(needed.cache),
        activations: Bytes::of_bits(needed.activations),
        total: Bytes::of_bits(needed.total()?),
        memory: memory.map(Bytes::of_bits),
        fits: memory.map(|_| enough(sequences, full)).transpose()?,
        max_batch,
        max_batch_more_than,
        max_context,
        max_context_more_than,
    })
}

/// Activations in memory during steps, at their fullest: those of all parts of the largest step together.
pub(super) struct Activations<'d> {
    deployment: &'d Deployment,
    plans: Vec<((Phase, u64), ExactColumns)>,
    /// Bits of the largest step so far.
    pub(super) most: u128,
}

impl<'d> Activations<'d> {
    pub(super) fn of(deployment: &'d Deployment) -> Self {
        Self { deployment, plans: Vec::new(), most: 0 }
    }

    /// Sees a step.
    pub(super) fn note(&mut self, mix: &[Part]) -> Result<(), Error> {
        let mut sum = 0_u128;
        for part in mix {
            sum = sum.plus(&self.peak(part)?)?;
        }
        self.most = self.most.max(sum);
        Ok(())
    }

    fn peak(&mut self, part: &Part) -> Result<u128, Error> {
        let form = (part.phase, part.outputs);
        let at = match self.plans.iter().position(|(known, _)| *known == form) {
            Some(at) => at,
            None => {
                let (model, options) = (self.deployment.model(), self.deployment.options());
                let past = model.past_in(part.phase);
                let logits = Logits::Of(part.outputs);
                let steps = Steps { phase: part.phase, batch: None, tokens: None, past, logits };
                let plan = model.plan_with_memory(&steps, options)?;
                self.plans.push((form, plan.exact_columns(&[Count::HeldActivations])?));
                self.plans.len() - 1
            }
        };
        let columns = &mut self.plans[at].1;
        let (sizes, mut out) = ([part.sequences, part.new, part.past], [0]);
        let free = if self.deployment.model().past_in(part.phase).is_some() { 2 } else { 3 };
        columns.at(&sizes[..free], &mut out)?;
        Ok(out[0])
    }
}

/// Bits of a model's parameters.
pub(super) fn weight_bits(deployment: &Deployment) -> Result<u128, Error> {
    let tensors = deployment.model().tensors(&Part::decode(1, 0).workload(), deployment.options())?;
    let weights = tensors.iter().filter(|tensor| tensor.role == Role::Weight);
    let towers = deployment.model().tower_bits(deployment.options())?;
    weights.map(|tensor| tensor.bits.times(&tensor.copies)).try_fold(towers, |sum, bits| Ok(sum.plus(&bits?)?))
}

/// Bits that the caches and states of one sequence take, as a function of the tokens in them.
pub(super) struct CacheSize {
    /// In terms of axis 0, the number of tokens.
    formula: Expr,
}

impl CacheSize {
    pub(super) fn of(deployment: &Deployment) -> Result<Self, Error> {
        let (model, options) = (deployment.model(), deployment.options());
        let sizes = growing([0, 1].map(|past| model.owned_sizes(&Part::decode(1, past).workload())))?;
        let mut formula = Expr::default();
        for tensor in model.architecture().with(|op| tensors(op, &sizes, options))? {
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
        whole(&self.formula, tokens)
    }
}

/// Bits of the activations of a step that decodes a token of each of so many sequences over as many cached ones, as a
/// function of their number.
pub(super) fn decoding(deployment: &Deployment, past: u64) -> Result<impl Fn(u64) -> Result<u128, Error>, Error> {
    let model = deployment.model();
    let sizes = growing([1, 2].map(|sequences| model.sizes(&Part::decode(sequences, past).workload())))?;
    let formula = model.architecture().with(|op| peak(op, &sizes, deployment.options()))?;
    Ok(move |sequences| whole(&formula, sequences))
}

/// A model's axes in terms of axis 0, which is 1 in the first of two steps and 2 in the second. Sizes that grow with it do so
/// one by one.
fn growing([one, two]: [cost_core::Result<Vec<u128>>; 2]) -> Result<Vec<Expr>, Error> {
    let sizes = one?.into_iter().zip(two?).map(|(one, two)| {
        let start = Expr::int(i128::try_from(one).map_err(|_| TOO_LARGE)?);
        if one == two { Ok(start) } else { Ok(start.add(&Expr::axis(0))?.sub(&Expr::int(1))?) }
    });
    sizes.collect()
}

/// The value of a formula in bits.
fn whole(formula: &Expr, at: u64) -> Result<u128, Error> {
    let whole = formula.value(&[at])?.whole();
    Ok(whole.and_then(|bits| u128::try_from(bits).ok()).ok_or(TOO_LARGE)?)
}

const TOO_LARGE: cost_core::Error = cost_core::Error::Overflow { counting: "cache bytes" };

struct Needed {
    weights: u128,
    cache: u128,
    activations: u128,
}

impl Needed {
    fn of(
        models: &[(&Resident<'_>, CacheSize)],
        weights: u128,
        (sequences, prompt, tokens): (u64, u64, u64),
    ) -> Result<Self, Error> {
        let mut needed = Self { weights, cache: 0, activations: 0 };
        for (it, cache) in models {
            // The last token is never read again, and the one before it is read by the last steps.
            let before = tokens.saturating_sub(2);
            let kept = cache.at(tokens.saturating_sub(1).saturating_add(it.added).saturating_sub(1))?;
            needed.cache = needed.cache.plus(&kept.times(&u128::from(sequences))?.times(&u128::from(it.count))?)?;
            let prompts = it.reads.map(|outputs| Part { outputs, ..Part::prefill(sequences, prompt) });
            let last = Part::all(sequences, it.new, before.saturating_add(it.added).saturating_sub(it.new));
            for part in prompts.into_iter().chain([last]) {
                let peak = it.deployment.model().peak(&part.workload(), it.deployment.options())?;
                needed.activations = needed.activations.max(peak);
            }
        }
        Ok(needed)
    }

    fn total(&self) -> Result<u128, Error> {
        Ok(self.weights.plus(&self.cache)?.plus(&self.activations)?)
    }
}
