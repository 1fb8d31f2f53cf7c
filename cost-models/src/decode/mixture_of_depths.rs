//! Mixture-of-depths (arXiv:2404.02258): in some layers a router lets only so many of a sequence's tokens through, the
//! layer's capacity; the others go past it.
//!
//! A routed layer attends to the tokens that went through it only. When a sequence grows by single tokens, each goes through
//! with the capacity's probability, independently of the others.

use cost_macros::cost;
use serde::Serialize;

use super::binomial::{MOST, expected};
use super::cost::Mean;
use super::generation::cached;
use super::layers::{Chosen, Layers};
use super::step::{Deployment, Part};
use super::task::{Task, at_most};
use crate::error::Error;
use crate::model::Model;

/// The weight of each token in a routed layer, by which the largest are let through.
#[cost]
pub fn Router<b, s, d>(x: Act<b, s, d>, w: Weight<d>) -> Act<b, s> {
    dot::<d>(x, w)
}

/// What a routed layer gives, times the tokens' weights.
#[cost]
pub fn Weighted<b, s, d>(y: Act<b, s, d>, weight: Act<b, s>) -> Act<b, s, d> {
    y * weight
}

/// How layers are routed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Depths {
    /// The share of a sequence's tokens that a routed layer lets through, more than 0 and at most 1.
    pub capacity: f64,
    /// Every so many layers one is routed: 2 for every other one, 1 for all.
    pub every: u64,
}

/// What a generation with routed layers costs.
#[derive(Clone, Debug, Serialize)]
pub struct MixtureOfDepths {
    /// The capacity of routed layers.
    pub capacity: f64,
    /// Layers that are routed.
    pub routed: u64,
    /// Layers of the model.
    pub layers: u64,
    /// Tokens of all answers.
    pub tokens: u64,
    /// Reading the prompts.
    pub prefill: Mean,
    /// All of it in the mean.
    pub total: Mean,
    /// The same without routing.
    pub plain: Mean,
    /// How many times faster it is.
    pub speed_up: f64,
    /// The share of the prefill's FLOPs that is saved.
    pub saved: f64,
    /// The share that would be saved if routed layers let no token through.
    pub saved_at_most: f64,
    /// The largest capacity that saves half of the prefill's FLOPs; nothing if none does.
    pub capacity_for_half: Option<f64>,
}

/// The cost of a task by a model some of whose layers are routed.
pub fn mixture_of_depths(deployment: &Deployment, task: &Task, depths: &Depths) -> Result<MixtureOfDepths, Error> {
    task.check(deployment.model())?;
    at_most("batch", task.sequences, MOST, "sequences, any number of which may go through")?;
    let routed = Routed::of(deployment, depths)?;
    let Task { sequences, prompt, output } = *task;
    let part = Part::prefill(sequences, prompt);
    let prefill = routed.pass(&part, depths.capacity)?;
    let mut total = prefill;
    for past in prompt..prompt + output - 1 {
        total = total.plus(&routed.pass(&Part::decode(sequences, past), depths.capacity)?);
    }
    let (plain_prefill, plain_decode) = cached(deployment, task)?;
    let full = Mean::from(&plain_prefill);
    let plain = Mean::from(&plain_prefill.plus(&plain_decode)?);
    let saved = |cost: &Mean| 1.0 - cost.flops / full.flops;
    Ok(MixtureOfDepths {
        capacity: depths.capacity,
        routed: routed.count,
        layers: routed.layers.count,
        tokens: task.tokens()?,
        prefill,
        speed_up: plain.lower_bound_s / total.lower_bound_s,
        total,
        plain,
        saved: saved(&prefill),
        saved_at_most: saved(&routed.through(&part, 0)?),
        capacity_for_half: routed.capacity_for(&part, full.flops / 2.0)?,
    })
}

/// The largest capacity at which reading a prompt takes at most `1 - share` of the FLOPs that it takes without routing;
/// nothing if none does.
pub fn capacity_that_saves(deployment: &Deployment, part: &Part, every: u64, share: f64) -> Result<Option<f64>, Error> {
    let full = Mean::from(&deployment.step(core::slice::from_ref(part))?);
    Routed::of(deployment, &Depths { capacity: 1.0, every })?.capacity_for(part, full.flops * (1.0 - share))
}

struct Routed {
    layers: Layers,
    router: Deployment,
    weighted: Deployment,
    /// The layers that are routed, and the others.
    taken: Chosen,
    passed: Chosen,
    /// How many layers are routed.
    count: u64,
}

impl Routed {
    fn of(deployment: &Deployment, depths: &Depths) -> Result<Self, Error> {
        let Depths { capacity, every } = *depths;
        if !(capacity > 0.0 && capacity <= 1.0) {
            return Err(Error::field("capacity", capacity, "a share of the tokens: more than 0 and at most 1"));
        }
        let layers = Layers::of(deployment)?;
        let count = layers.count.checked_div(every).filter(|count| *count > 0).ok_or_else(|| {
            Error::field(
                "every",
                every,
                format!("from 1 to {}, the layers of {}", layers.count, deployment.model().name),
            )
        })?;
        let d = deployment.model().fixed().find(|(axis, _)| *axis == "d").map(|(_, d)| d);
        let d =
            d.ok_or_else(|| Error::field(&format!("axis d of {}", deployment.model().name), "nothing", "a size"))?;
        let router = deployment.with(Model::new(&Router { b: 1, s: 1, d }));
        let weighted = deployment.with(Model::new(&Weighted { b: 1, s: 1, d }));
        let is_routed = |layer: u64| (layer + 1).is_multiple_of(every);
        let (taken, passed) = (layers.choose(is_routed), layers.choose(|layer| !is_routed(layer)));
        Ok(Self { layers, router, weighted, taken, passed, count })
    }

    /// A pass in the mean.
    fn pass(&self, part: &Part, capacity: f64) -> Result<Mean, Error> {
        if part.new > 1 {
            return self.through(part, share(part.new, capacity));
        }
        let through = |sequences| {
            let part = Part { past: share(part.past, capacity), sequences, ..*part };
            self.routed(&part)
        };
        Ok(self.others(part)?.plus(&expected(part.sequences, capacity, through)?))
    }

    /// A pass in which so many new tokens of each sequence go through the routed layers.
    fn through(&self, part: &Part, new: u64) -> Result<Mean, Error> {
        let others = self.others(part)?;
        let capacity = new as f64 / part.new as f64;
        let through = Part { new, past: share(part.past, capacity), outputs: part.outputs.min(new), ..*part };
        if new == 0 { Ok(others) } else { Ok(others.plus(&self.routed(&through)?)) }
    }

    /// Everything but the routed layers: the other layers, what is around them, and the routers.
    fn others(&self, part: &Part) -> Result<Mean, Error> {
        let routers = Mean::from(&self.router.step(core::slice::from_ref(part))?).times(self.count as f64);
        let others = self.layers.those(part, &self.passed)?;
        Ok(self.layers.around(part)?.plus(&others).plus(&routers))
    }

    fn routed(&self, part: &Part) -> Result<Mean, Error> {
        let weighted = Mean::from(&self.weighted.step(core::slice::from_ref(part))?).times(self.count as f64);
        Ok(self.layers.those(part, &self.taken)?.plus(&weighted))
    }

    /// The largest capacity at which a pass takes at most so many FLOPs.
    fn capacity_for(&self, part: &Part, flops: f64) -> Result<Option<f64>, Error> {
        let little = |new| -> Result<bool, Error> { Ok(self.through(part, new)?.flops <= flops) };
        if !little(1)? {
            return Ok(None);
        }
        let (mut low, mut high) = (1, part.new + 1);
        while high - low > 1 {
            let middle = low.midpoint(high);
            *(if little(middle)? { &mut low } else { &mut high }) = middle;
        }
        Ok(Some(low as f64 / part.new as f64))
    }
}

/// A share of so many tokens, rounded up.
fn share(tokens: u64, capacity: f64) -> u64 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most the number of tokens")]
    let share = (tokens as f64 * capacity).ceil() as u64;
    share.min(tokens)
}
