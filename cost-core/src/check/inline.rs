//! What can be put in the place of its call.

use super::Wrong;
use super::calls::substituted;
use crate::op::{Call, Count, Dim, Kind, Op, Step, Term, call_args};

/// Whether an operator can't be put in the place of its call.
pub(super) const fn inline_fault(op: &Op<'_>, step: &Step<'_>, call: &Call<'_>) -> Option<Wrong> {
    if call.experts.is_some() {
        return Some(Wrong::InlineExperts);
    }
    if call_args(step, call) < call.op.inputs.len() {
        return Some(Wrong::InlineOwns);
    }
    let mut i = 0;
    while i < call.op.shapes.len() {
        match substituted(op, call, &call.op.shapes[i]) {
            Ok(_) => {}
            Err(misplaced) => return Some(misplaced.wrong(None)),
        }
        i += 1;
    }
    let mut i = 0;
    while i < call.op.steps.len() {
        if let Some(axis) = single(op, call, &call.op.steps[i].kind) {
            return Some(Wrong::InlineAxis { axis });
        }
        i += 1;
    }
    None
}

/// The axis that a primitive of an inline operator is along, if it is several of the caller's.
const fn single(op: &Op<'_>, call: &Call<'_>, kind: &Kind<'_>) -> Option<u8> {
    let axes = match kind {
        Kind::Gather(of) | Kind::Append(of) | Kind::Before(of) => [*of; 3],
        Kind::Slide { over: a, width: b }
        | Kind::Last { of: a, keep: b }
        | Kind::Take { of: a, keep: b }
        | Kind::Put { of: a, keep: b }
        | Kind::Top { of: a, keep: b }
        | Kind::Among { of: a, by: b } => [*a, *b, *b],
        Kind::Windows(it) => {
            if let Some(axis) = uncounted(op, call, it.stride) {
                return Some(axis);
            }
            if let Some(axis) = uncounted(op, call, it.pad) {
                return Some(axis);
            }
            [it.of, it.width, it.at]
        }
        Kind::Call(Call { experts: Some(experts), .. }) => {
            if let Some(capacity) = experts.capacity
                && let Some(axis) = uncounted(op, call, capacity)
            {
                return Some(axis);
            }
            [experts.count, experts.top, experts.top]
        }
        _ => return None,
    };
    let mut i = 0;
    while i < axes.len() {
        match op.placed(call, axes[i]) {
            Ok(shape) if shape.rank() == 1 => {}
            _ => return Some(axes[i]),
        }
        i += 1;
    }
    None
}

/// The axis that a count of an inline operator is, if it is neither one of the caller's nor a number.
const fn uncounted(op: &Op<'_>, call: &Call<'_>, count: Count) -> Option<u8> {
    let Count::Axis(axis) = count else { return None };
    match op.placed(call, axis) {
        Ok(shape) if shape.rank() == 1 => None,
        _ => match op.bound(call, axis as usize) {
            Some(Dim::Sum([])) => None,
            Some(Dim::Sum([Term { axes: [], quotients: [], coefficient }]))
                if 0 <= *coefficient && *coefficient <= u32::MAX as i64 =>
            {
                None
            }
            _ => Some(axis),
        },
    }
}

/// Whether an inline operator consists of primitives that a fused loop can hold.
pub(super) const fn stays_on_chip(op: &Op<'_>) -> bool {
    let mut step = 0;
    while step < op.steps.len() {
        match &op.steps[step].kind {
            Kind::Call(call) if !stays_on_chip(call.op) => return false,
            Kind::Store => return false,
            _ => {}
        }
        step += 1;
    }
    op.inline && op.loops.is_empty()
}

/// Whether an operator, or one that it calls, routes tokens to experts.
pub(super) const fn routes(op: &Op<'_>) -> bool {
    let mut step = 0;
    while step < op.steps.len() {
        if let Kind::Call(call) = &op.steps[step].kind
            && (call.experts.is_some() || routes(call.op))
        {
            return true;
        }
        step += 1;
    }
    false
}
