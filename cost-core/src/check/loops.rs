//! What can be in a loop, and what can leave it.

use super::Wrong;
use super::inline::stays_on_chip;
use crate::op::{Arg, Kind, Op};

/// Whether a step can't be in the fused loop that it is in.
pub(super) const fn not_fused(op: &Op<'_>, step: usize) -> bool {
    let ends = match &op.steps[step].kind {
        Kind::Call(call) => !call.op.failed && !stays_on_chip(call.op),
        Kind::Store => true,
        _ => false,
    };
    let mut i = 0;
    while i < op.loops.len() {
        if ends && op.loops[i].fused && op.loops[i].encloses(step) {
            return true;
        }
        i += 1;
    }
    false
}

/// The loop or, then true, the condition that a step can't have a value out of, or the caller if it is no step: what is
/// computed inside and isn't a variable is left there, unless it is kept in memory.
pub(super) const fn left_inside(op: &Op<'_>, value: u16, user: Option<usize>) -> Option<bool> {
    let Some(made) = op.step_of(value) else { return None };
    let variable = matches!(op.steps[made].kind, Kind::Carry);
    if variable || !op.shapes[value as usize].known() || op.role_of(Arg::Value(value)).ownable() {
        return None;
    }
    let mut i = 0;
    while i < op.loops.len() {
        let out = match user {
            Some(step) => !op.loops[i].encloses(step),
            None => true,
        };
        if out && op.loops[i].encloses(made) {
            return Some(op.loops[i].guard);
        }
        i += 1;
    }
    None
}

/// What is wrong with the operands of a step if one of them is left inside a loop.
pub(super) const fn out_of_loop(op: &Op<'_>, step: usize) -> Option<Wrong> {
    let (args, mut arg) = (op.steps[step].args, 0);
    while arg < args.len() {
        if let Arg::Value(value) = args[arg]
            && let Some(guard) = left_inside(op, value, Some(step))
        {
            return Some(Wrong::OutOfLoop { guard });
        }
        arg += 1;
    }
    None
}
