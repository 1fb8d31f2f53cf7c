//! What can be one of many experts.

use super::Wrong;
use super::inline::routes;
use super::message::Message;
use crate::count::token_axes;
use crate::op::{Call, Kind, Mask, Op, Role, Shape};

/// Why an operator can't work on a fixed number of rows, whichever tokens are in them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Crowd {
    /// Its activations have no axis that isn't one of weights.
    NoTokens,
    /// There are as many tokens along an axis as others say.
    Derived {
        /// The axis.
        axis: u8,
    },
    /// It, or what it calls, has a mask, a cache or a state.
    Placed,
    /// It, or what it calls, works along some of the tokens' axes.
    Partial,
}

/// What is wrong with a call of experts, but for its arguments.
pub(super) const fn experts_fault(call: &Call<'_>) -> Option<Wrong> {
    let Some(experts) = call.experts else { return None };
    let returned = call.op.outputs.len();
    if routes(call.op) {
        return Some(Wrong::NestedExperts);
    }
    if returned > 1 {
        return Some(Wrong::ExpertsReturn { returned });
    }
    if experts.capacity.is_none() {
        return None;
    }
    let tokens = token_axes(call.op);
    if tokens.rank() == 0 {
        return Some(Wrong::Crowded { why: Crowd::NoTokens });
    }
    let mut i = 0;
    while i < tokens.rank() {
        if call.op.derives(tokens.axis(i) as usize) {
            return Some(Wrong::Crowded { why: Crowd::Derived { axis: tokens.axis(i) } });
        }
        i += 1;
    }
    match along(call.op, &tokens) {
        Some(why) => Some(Wrong::Crowded { why }),
        None => None,
    }
}

/// What in an operator depends on where tokens are, given their axes.
const fn along(op: &Op<'_>, tokens: &Shape) -> Option<Crowd> {
    let mut i = 0;
    while i < op.inputs.len() {
        if matches!(op.inputs[i].role, Role::Cache | Role::State) {
            return Some(Crowd::Placed);
        }
        i += 1;
    }
    if !matches!(op.mask, Mask::None) {
        return Some(Crowd::Placed);
    }
    let mut i = 0;
    while i < op.shapes.len() {
        let others = tokens.minus(&op.shapes[i]);
        if op.shapes[i].known() && others.rank() > 0 && others.rank() < tokens.rank() {
            return Some(Crowd::Partial);
        }
        i += 1;
    }
    let mut i = 0;
    while i < op.steps.len() {
        if let Kind::Call(call) = &op.steps[i].kind
            && let Some(why) = along(call.op, &inside(op, call, tokens))
        {
            return Some(why);
        }
        i += 1;
    }
    None
}

/// The axes of a callee that stand for some of the caller's.
const fn inside(op: &Op<'_>, call: &Call<'_>, axes: &Shape) -> Shape {
    let (mut own, mut axis) = (Shape::SCALAR, 0);
    while axis < call.op.axes.len() {
        #[expect(clippy::cast_possible_truncation, reason = "an operator has fewer than 256 axes")]
        if let Ok(placed) = op.placed(call, axis as u8)
            && placed.rank() > 0
            && axes.covers(&placed)
        {
            own = own.with(axis as u8);
        }
        axis += 1;
    }
    own
}

/// What to tell the author.
pub(super) const fn message(callee: &Op<'_>, why: Crowd) -> Message {
    let text = Message::new("").quoted(callee.name);
    match why {
        Crowd::NoTokens => {
            text.then(" has no axis of tokens, which its first activation has and no weight; a capacity is a number of them")
        }
        Crowd::Derived { axis } => text
            .then(" has its tokens along ")
            .quoted(callee.axes[axis as usize])
            .then(", whose size it gives in terms of others; with a capacity that says how many there are"),
        Crowd::Placed => text.then(
            ", or what it calls, has a mask, a cache or a state; with a capacity its rows are of any tokens, wherever they are",
        ),
        Crowd::Partial => text.then(
            ", or what it calls, has values along some of the tokens' axes and not all; with a capacity its rows are of any tokens, wherever they are",
        ),
    }
}
