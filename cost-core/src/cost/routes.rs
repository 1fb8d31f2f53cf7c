//! What is inside an operator that options are about: where it routes tokens to experts and how many of them can be touched,
//! and whether anything has a mask.

use super::at::At;
use super::experts::Routed;
use super::frame::Frame;
use super::num::Num;
use super::options::{Options, Routing};
use crate::error::{Error, Result};
use crate::library::spliced;
use crate::op::{Call, Count, Kind, Op, Step};

/// A call of routed experts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route<N> {
    /// How many experts there are.
    pub experts: N,
    /// How many of them each token uses.
    pub top: N,
    /// How many tokens there are.
    pub tokens: N,
}

impl<N: Num> Route<N> {
    /// Nothing where experts have room for a number of tokens: then all of them work, wherever tokens go.
    pub(super) fn of(routed: &Routed<N>) -> Result<Option<Self>> {
        let Routed { experts, top, crowded, .. } = routed.clone();
        let tokens = routed.all_tokens()?;
        Ok((!crowded).then_some(Self { experts, top, tokens }))
    }

    /// An error if a number of distinct experts is given that these tokens can't touch: fewer than one of them uses, or
    /// more than all reach.
    pub fn admits(&self, routing: Routing) -> Result<()> {
        let Routing::Given(count) = routing else { return Ok(()) };
        let (count, Self { experts, top, tokens }) = (N::int(count), self);
        top.at_most(&count, || Error::TooFewExperts { found: count.text(&[]), top: top.text(&[]) })?;
        let most = experts.least(&top.times(tokens)?)?;
        count.at_most(&most, || Error::TooManyExperts { found: count.text(&[]), most: most.text(&[]) })
    }
}

/// An error if the options ask for a routing that an operator can't have at these axis sizes: a number of distinct experts
/// that its tokens can't touch, or anything at all where nothing is routed.
pub fn check_routing<N: Num>(op: &Op<'_>, sizes: &[N], options: &Options) -> Result<()> {
    if options.routing == Routing::Expected {
        return Ok(());
    }
    let routes = routes(op, sizes, options)?;
    if routes.is_empty() {
        return Err(Error::NothingRouted { of: op.name.to_owned(), found: options.routing.to_string() });
    }
    routes.iter().try_for_each(|route| route.admits(options.routing))
}

/// The calls of routed experts that an operator makes at these axis sizes, here and in what it calls.
pub fn routes<N: Num>(op: &Op<'_>, sizes: &[N], options: &Options) -> Result<Vec<Route<N>>> {
    At::with(op, sizes, options, |at| of(&at.frame, at.options))
}

/// The routes of an outermost operator.
pub(super) fn of<N: Num>(frame: &Frame<'_, N>, options: &Options) -> Result<Vec<Route<N>>> {
    let mut found = Vec::new();
    walk(frame, options, &mut |call, inner| {
        found.extend(call.experts.and(inner.routed.as_ref()).and_then(|routed| Route::of(routed).transpose()));
    })?;
    found.into_iter().collect()
}

/// Whether an operator, or what it calls, has a mask or windows with a padding at these axis sizes: else [`Options::masking`] is about nothing in it.
pub fn is_masked<N: Num>(op: &Op<'_>, sizes: &[N], options: &Options) -> Result<bool> {
    let padded = |it: &Step<'_>| matches!(it.kind, Kind::Windows(it) if it.pad != Count::Number(0));
    let masked = |op: &Op<'_>| op.mask.axes().is_some() || op.steps.iter().any(padded);
    let mut found = masked(op);
    spliced(op, |op| {
        walk(&Frame::root(op, sizes.to_vec(), options)?, options, &mut |_, inner| found |= masked(inner.op))
    })?;
    Ok(found)
}

/// Sees all calls that run.
fn walk<N: Num>(frame: &Frame<'_, N>, options: &Options, see: &mut impl FnMut(&Call<'_>, &Frame<'_, N>)) -> Result<()> {
    for (step, it) in frame.op.steps.iter().enumerate() {
        let Kind::Call(call) = it.kind else { continue };
        if frame.repeats(step)?.is_zero() {
            continue;
        }
        let inner = frame.enter(step, &call, options)?;
        see(&call, &inner);
        walk(&inner, options, see)?;
    }
    Ok(())
}
