//! What kind of work a kernel does, read off its steps: what decides how long it takes beside its FLOPs and bytes.

use super::frame::Frame;
use super::num::Num;
use super::options::Options;
use crate::error::Result;
use crate::op::{Arg, Kind, Norm, Role, Shape};

/// Kinds of work that take different shares of a device's peaks, told apart by the steps of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Work {
    /// A product with a parameter.
    Gemm,
    /// Two products around a softmax, for one query position of each sequence.
    AttentionDecode,
    /// The same for many.
    AttentionPrefill,
    /// As [`Work::AttentionDecode`], with scores that are the sum of two products, as latent attention has.
    LatentDecode,
    /// As [`Work::AttentionPrefill`], likewise.
    LatentPrefill,
    /// Products of routed experts.
    Experts,
    /// Everything else: norms, gathers, recurrences, what adds experts up.
    Other,
}

impl Work {
    /// Every kind, in the order of its index.
    pub const ALL: [Self; 7] = [
        Self::Gemm,
        Self::AttentionDecode,
        Self::AttentionPrefill,
        Self::LatentDecode,
        Self::LatentPrefill,
        Self::Experts,
        Self::Other,
    ];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gemm => "gemm",
            Self::AttentionDecode => "attention_decode",
            Self::AttentionPrefill => "attention_prefill",
            Self::LatentDecode => "latent_decode",
            Self::LatentPrefill => "latent_prefill",
            Self::Experts => "experts",
            Self::Other => "other",
        }
    }

    /// The kind of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|work| work.name() == name)
    }
}

/// What a kernel's work is, and the sizes that its time depends on beside FLOPs and bytes.
#[derive(Clone, Debug, PartialEq)]
pub struct Shaped<N> {
    /// The kind.
    pub work: Work,
    /// The length of its longest chain of sums: what a product with a parameter is summed over, or the keys that a query
    /// sees.
    pub depth: N,
    /// What it does apart from each other: sequences times key/value heads in decoding, times heads in prefill; distinct
    /// experts; of a product with a parameter its depth again.
    pub units: N,
    /// The length of attention's first sum, a head's size; else 0.
    pub width: N,
}

/// Most query positions and heads together that count as decoding, where no mask says which axis is the queries'.
const FEW: u128 = 16;

impl<N: Num> Shaped<N> {
    /// Nothing that is known of.
    pub(super) fn other() -> Self {
        let zero = || N::int(0);
        Self { work: Work::Other, depth: zero(), units: zero(), width: zero() }
    }

    /// What the steps of a kernel are.
    pub(super) fn of(
        frame: &Frame<'_, N>,
        steps: &(impl Iterator<Item = usize> + Clone),
        options: &Options,
    ) -> Result<Self> {
        let op = frame.op;
        let products: Vec<(usize, Shape)> = steps
            .clone()
            .filter_map(|step| match op.steps[step].kind {
                Kind::Dot(over) => Some((step, over)),
                _ => None,
            })
            .collect();
        let Some((first, summed)) = products.first().copied() else { return Ok(Self::other()) };
        if let Some(routed) = &frame.routed {
            let units = routed.distinct(options)?;
            return Ok(Self { work: Work::Experts, depth: frame.product(&summed)?, units, width: N::int(0) });
        }
        let softmax = steps.clone().find_map(|step| match op.steps[step].kind {
            Kind::Norm(Norm::Softmax, over) => Some((step, over)),
            _ => None,
        });
        if let Some((between, keys)) = softmax {
            let around = first < between
                && products.iter().any(|(step, over)| *step > between && keys.axes().iter().any(|key| over.has(*key)));
            if around {
                let before = products.iter().filter(|(step, _)| *step < between).count();
                return Self::attention(frame, first, &summed, &keys, before > 1);
            }
        }
        let of_parameter = products.iter().find(|(step, _)| {
            let role = |arg: &Arg| arg.value().map(|_| frame.held(*arg, options).role);
            op.steps[*step].args.iter().any(|arg| role(arg) == Some(Role::Weight))
        });
        let Some((_, over)) = of_parameter else { return Ok(Self::other()) };
        let depth = frame.product(over)?;
        Ok(Self { work: Work::Gemm, units: depth.clone(), depth, width: N::int(0) })
    }

    fn attention(frame: &Frame<'_, N>, first: usize, summed: &Shape, keys: &Shape, latent: bool) -> Result<Self> {
        let op = frame.op;
        let scores = op.shapes[usize::from(op.value_of(first))];
        let shape = |arg: Arg| arg.value().map_or(Shape::SCALAR, |value| op.shapes[usize::from(value)]);
        let [q, k] = *op.steps[first].args else { return Ok(Self::other()) };
        let queries = op.mask.axes().map(|(s, _)| s).filter(|s| scores.has(*s));
        let both = |axis: &&u8| shape(q).has(**axis) && shape(k).has(**axis);
        let shared = scores.axes().iter().filter(both).fold(Shape::SCALAR, |shape, axis| shape.with(*axis));
        let apart = queries.map_or(scores.minus(keys), |s| scores.minus(keys).minus(&Shape::of(&[s])));
        let one = match queries {
            Some(s) => frame.size(s).number() == Some(1),
            None => frame.product(&apart.minus(&shared))?.number().is_some_and(|rows| rows <= FEW),
        };
        let mut depth = frame.product(keys)?;
        if let Some(limit) = op.mask.limit() {
            depth = depth.least(frame.size(limit))?;
        }
        let units = frame.product(if one { &shared } else { &apart })?;
        let work = match (one, latent) {
            (true, false) => Work::AttentionDecode,
            (true, true) => Work::LatentDecode,
            (false, false) => Work::AttentionPrefill,
            (false, true) => Work::LatentPrefill,
        };
        Ok(Self { work, depth, units, width: frame.product(summed)? })
    }
}
