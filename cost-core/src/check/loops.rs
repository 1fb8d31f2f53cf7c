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

/// Whether a value that is no tensor in memory is computed inside a loop or, then true, a condition.
pub(super) const fn inside_loop(op: &Op<'_>, value: u16) -> Option<bool> {
    let Some(made) = op.step_of(value) else { return None };
    let mut i = 0;
    while i < op.loops.len() {
        let it = &op.loops[i];
        let variable = matches!(op.steps[made].kind, Kind::Carry);
        if it.encloses(made) && !variable && !op.role_of(Arg::Value(value)).ownable() {
            return Some(it.guard);
        }
        i += 1;
    }
    None
}

/// Whether a step uses what a loop has computed inside, and not as its variable: only what is kept in memory outlives it.
pub(super) const fn out_of_loop(op: &Op<'_>, step: usize) -> Option<Wrong> {
    let args = op.steps[step].args;
    let (mut arg, mut i) = (0, 0);
    while arg < args.len() {
        if let Arg::Value(value) = args[arg]
            && let Some(made) = op.step_of(value)
            && op.shapes[value as usize].known()
            && !op.role_of(args[arg]).ownable()
        {
            while i < op.loops.len() {
                let (it, carry) = (&op.loops[i], matches!(op.steps[made].kind, Kind::Carry));
                if !carry && it.encloses(made) && !it.encloses(step) {
                    return Some(Wrong::OutOfLoop { guard: it.guard });
                }
                i += 1;
            }
        }
        arg += 1;
        i = 0;
    }
    None
}
