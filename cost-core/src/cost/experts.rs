//! Routed experts: how often what one does is done, and what all of them move.

use super::frame::{Frame, Held};
use super::num::Num;
use super::options::{Options, Routing};
use crate::count;
use crate::error::Result;
use crate::op::{Arg, Call, Kind, Op, Role, Shape};

/// `top` of `experts` copies for each of so many tokens.
#[derive(Clone)]
pub(super) struct Routed<N> {
    pub(super) experts: N,
    pub(super) top: N,
    pub(super) tokens: N,
    /// The axes of the tokens, in the operator's own.
    pub(super) axes: Shape,
}

impl<N: Clone> Routed<N> {
    /// The same for what an operator calls.
    pub(super) fn inside(&self, op: &Op<'_>, call: &Call<'_>) -> Self {
        let tokens = |axis: &u8| op.placed(call, *axis).is_ok_and(|axes| axes.rank() > 0 && self.axes.covers(&axes));
        #[expect(clippy::cast_possible_truncation, reason = "an operator has fewer than 256 axes")]
        let axes = (0..call.op.axes.len() as u8).filter(tokens).fold(Shape::SCALAR, Shape::with);
        Self { axes, ..self.clone() }
    }
}

impl<N: Num> Frame<'_, N> {
    /// What all experts move of a tensor, from what one moves of it for all tokens, in that shape.
    ///
    /// What they are given exists once. What an expert computes exists for each token that goes through it. What it brings
    /// along, or has a slice of, is there once, and moved if any token goes through it; tokens that have a part of their own
    /// of it (a state for each sequence) touch that part alone.
    pub(super) fn of_experts(&self, bits: N, held: &Held<'_>, shape: &Shape, options: &Options) -> Result<N> {
        let Some(Routed { experts, top, tokens, axes }) = &self.routed else { return Ok(bits) };
        if held.shared {
            return Ok(bits);
        }
        if !held.role.ownable() {
            return bits.times(top);
        }
        let shared = axes.minus(shape);
        if shared.same(axes) {
            return bits.routed(experts, top, tokens, options.routing);
        }
        let tokens = self.product(&shared)?;
        match options.routing {
            Routing::Given(count) => bits.times(&N::int(count).least(&top.times(&tokens)?)?),
            routing => bits.routed(experts, top, &tokens, routing),
        }
    }

    /// How many experts have slices of an input that is nothing but dealt out to them, and of how many a token uses them:
    /// the most of several uses.
    pub(super) fn dealt(&self, input: u16, options: &Options) -> Result<Option<(N, N)>> {
        if self.op.inputs[usize::from(input)].role != Role::Weight || !count::dealt_out(self.op, input) {
            return Ok(None);
        }
        let mut dealt: Option<(N, N)> = None;
        for (step, it) in self.op.steps.iter().enumerate().filter(|(_, it)| it.args.contains(&Arg::Value(input))) {
            let Kind::Call(call) = it.kind else { continue };
            let own = match call.experts {
                Some(experts) => Some((self.size(experts.count).clone(), self.size(experts.top).clone())),
                None => {
                    let inner = self.enter(step, &call, options)?;
                    let mut passed = (0..).take(call.op.inputs.len());
                    let given = passed.find(|own| self.op.passed(it, &call, usize::from(*own)) == Some(Arg::Value(input)));
                    given.map_or(Ok(None), |own| inner.dealt(own, options))?
                }
            };
            dealt = match (dealt, own) {
                (Some((experts, top)), Some((_, other))) => Some((experts, top.most(&other)?)),
                (dealt, own) => dealt.or(own),
            };
        }
        Ok(dealt)
    }
}
