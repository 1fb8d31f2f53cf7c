//! Routed experts: how often what one does is done, and what all of them move.

use super::frame::{Frame, Held};
use super::num::Num;
use super::options::{Options, Routing};
use super::size::derive;
use crate::count;
use crate::error::{Error, Result};
use crate::format::Format;
use crate::op::{Arg, Call, Experts, Kind, OnMesh, Op, Role, Shape};

/// `top` of `experts` copies for each of so many tokens.
#[derive(Clone)]
pub(super) struct Routed<N> {
    pub(super) experts: N,
    pub(super) top: N,
    pub(super) tokens: N,
    /// The axes of the tokens, in the operator's own.
    pub(super) axes: Shape,
    /// Whether each copy has room for a number of tokens, and works on as many rows.
    pub(super) crowded: bool,
    /// Where copies are spread over ranks, how many this one holds, and how many ranks bring as many tokens each.
    pub(super) spread: Option<(N, N)>,
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

impl<N: Num> Routed<N> {
    /// What all copies here do, of what each token makes one do: `top` of them each, of which some are elsewhere, while others do
    /// it for the tokens of other ranks; as much as if any copy were as likely as any other. Of copies that have rows of their
    /// own, each does it.
    pub(super) fn through(&self, one: &N) -> Result<N> {
        if self.crowded {
            return one.times(self.held());
        }
        let all = one.times(&self.top)?;
        match &self.spread {
            Some((held, from)) => all.times(from)?.times(held)?.ceil_div(&self.experts),
            None => Ok(all),
        }
    }

    /// How many copies are here.
    pub(super) fn held(&self) -> &N {
        self.spread.as_ref().map_or(&self.experts, |(held, _)| held)
    }

    /// How many of the copies here one token uses.
    pub(super) fn used(&self) -> Result<N> {
        match &self.spread {
            Some((held, _)) => self.top.times(held)?.ceil_div(&self.experts),
            None => Ok(self.top.clone()),
        }
    }

    /// What the copies here that any of so many tokens goes through move, of what each moves.
    fn touched(&self, one: &N, tokens: &N, options: &Options) -> Result<N> {
        match &self.spread {
            Some((held, from)) => {
                let tokens = tokens.times(from)?;
                one.routed(&self.experts, &self.top, &tokens, options.routing)?.times(held)?.ceil_div(&self.experts)
            }
            None => one.routed(&self.experts, &self.top, tokens, options.routing),
        }
    }

    /// How many of the copies here the tokens go through.
    pub(super) fn distinct(&self, options: &Options) -> Result<N> {
        if self.crowded { Ok(self.held().clone()) } else { self.touched(&N::int(1), &self.tokens, options) }
    }

    /// How many tokens there are, on all ranks.
    pub(super) fn all_tokens(&self) -> Result<N> {
        match &self.spread {
            Some((_, from)) => self.tokens.times(from),
            None => Ok(self.tokens.clone()),
        }
    }
}

impl<N: Num> Frame<'_, N> {
    /// Makes the operator one of many experts of a caller.
    ///
    /// With a capacity there are as many rows as that in place of the tokens: an expert computes on all of its rows, so that
    /// all experts can be computed at once.
    pub(super) fn route(&mut self, caller: &Self, experts: Experts) -> Result<()> {
        let wrong = |message: &str| Error::Description { op: caller.op.name.to_owned(), message: message.to_owned() };
        if caller.routed.is_some() {
            return Err(wrong("routed experts inside routed experts are not supported"));
        }
        let (held, top) = (caller.size(experts.count).clone(), caller.size(experts.top).clone());
        let (count, spread) = match self.op.mesh {
            Some(OnMesh::Experts { all, from }) => (self.size(all).clone(), Some((held, self.size(from).clone()))),
            _ => (held, None),
        };
        top.at_most(&count, || Error::Experts { given: top.text(&[]), experts: count.text(&[]) })?;
        let axes = count::token_axes(self.op);
        let (tokens, crowded) = (self.product(&axes)?, experts.capacity.is_some());
        if let Some(capacity) = experts.capacity {
            let rows = caller.counted(capacity);
            N::int(1).at_most(&rows, || wrong("its experts have room for 0 tokens; expected at least 1"))?;
            self.whole = Some(self.sizes.clone());
            for sizes in [Some(&mut self.sizes), self.given.as_mut()].into_iter().flatten() {
                for (n, axis) in axes.axes().iter().rev().enumerate() {
                    sizes[usize::from(*axis)] = if n == 0 { rows.clone() } else { N::int(1) };
                }
                derive(self.op, sizes)?;
            }
        }
        self.routed = Some(Routed { experts: count, top, tokens, axes, crowded, spread });
        Ok(())
    }

    /// What all experts read of a tensor, from what one reads at given sizes.
    ///
    /// Tokens are read once: no more of them than there are, nor than there is room for.
    pub(super) fn read_of_experts(
        &self,
        held: &Held<'_>,
        shape: &Shape,
        options: &Options,
        read: impl Fn(&Self) -> Result<N>,
    ) -> Result<N> {
        match (&self.routed, &self.whole) {
            (Some(routed), Some(whole)) if held.shared => {
                let whole = read(&Self { sizes: whole.clone(), ..self.clone() })?;
                let each = read(self)?;
                if each == whole { Ok(whole) } else { whole.least(&each.times(&routed.experts)?) }
            }
            _ => self.of_experts(read(self)?, held, shape, options),
        }
    }

    /// What all experts move of a tensor, from what one moves of it for all tokens, in that shape.
    ///
    /// What they are given exists once. What an expert computes exists for each token that goes through it. What it brings
    /// along, or has a slice of, is there once, and moved if any token goes through it; tokens that have a part of their own
    /// of it (a state for each sequence) touch that part alone.
    pub(super) fn of_experts(&self, bits: N, held: &Held<'_>, shape: &Shape, options: &Options) -> Result<N> {
        let Some(routed) = &self.routed else { return Ok(bits) };
        if held.shared {
            return Ok(bits);
        }
        if routed.crowded || !held.role.ownable() {
            return routed.through(&bits);
        }
        let shared = routed.axes.minus(shape);
        if shared.same(&routed.axes) {
            return routed.touched(&bits, &routed.tokens, options);
        }
        let tokens = self.product(&shared)?;
        match options.routing {
            Routing::Given(count) => bits.times(&N::int(count).least(&routed.top.times(&tokens)?)?),
            _ => routed.touched(&bits, &tokens, options),
        }
    }

    /// What there is of tokens' results, from what all tokens would have of them: no more than there is room for.
    pub(super) fn of_tokens(&self, all: N, each: impl FnOnce() -> Result<N>) -> Result<N> {
        match self.routed.as_ref().filter(|routed| routed.crowded) {
            Some(routed) => all.least(&each()?.times(&routed.experts)?),
            None => Ok(all),
        }
    }

    /// Bits of what one expert returns, in a format of the caller's.
    pub(super) fn result_bits(&self, format: &Format, options: &Options) -> Result<N> {
        let result = self.op.outputs[0];
        self.bits(&result.shape, || self.rows(result.value), format, options)
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
                    let given =
                        passed.find(|own| self.op.passed(it, &call, usize::from(*own)) == Some(Arg::Value(input)));
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
