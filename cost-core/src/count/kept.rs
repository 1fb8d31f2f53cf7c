//! What `top` keeps: axes of which there are no more than of those that it searches.

use crate::op::{Call, Kind, Op};

/// All pairs of an axis along which `top` keeps elements and the one that it searches for them, as [`kept`] numbers them.
pub(crate) fn all_kept(op: &Op<'_>) -> Vec<(u8, u8)> {
    fn find(op: &Op<'_>, inside: Option<&Inside<'_, '_>>, found: &mut Vec<(u8, u8)>) {
        for step in op.steps {
            match &step.kind {
                Kind::Top { of, keep } => found.extend(outermost(*keep, inside).zip(outermost(*of, inside))),
                Kind::Call(call) => find(call.op, Some(&Inside { op, call, around: inside }), found),
                _ => {}
            }
        }
    }
    let mut found = Vec::new();
    find(op, None, &mut found);
    found
}

/// Whether `top` searches anything, here or in what is called.
pub(crate) const fn keeps(op: &Op<'_>) -> bool {
    let mut step = 0;
    while step < op.steps.len() {
        match &op.steps[step].kind {
            Kind::Top { .. } => return true,
            Kind::Call(call) if keeps(call.op) => return true,
            _ => {}
        }
        step += 1;
    }
    false
}

/// The `n`-th pair of an axis along which `top` keeps elements and the one that it searches for them. What is called counts
/// too, where each of its two axes stands for one of the caller's.
pub(crate) const fn kept(op: &Op<'_>, n: usize) -> Option<(u8, u8)> {
    match find(op, None, n) {
        Found::Pair(keep, of) => Some((keep, of)),
        Found::Left(_) => None,
    }
}

/// The calls from the outermost operator to one inside it.
struct Inside<'p, 'a> {
    op: &'p Op<'a>,
    call: &'p Call<'a>,
    around: Option<&'p Self>,
}

/// A pair, or how many are to be passed over still.
enum Found {
    Pair(u8, u8),
    Left(usize),
}

const fn find(op: &Op<'_>, inside: Option<&Inside<'_, '_>>, n: usize) -> Found {
    let (mut step, mut left) = (0, n);
    while step < op.steps.len() {
        match &op.steps[step].kind {
            Kind::Top { of, keep } => match (outermost(*keep, inside), outermost(*of, inside)) {
                (Some(keep), Some(of)) if left == 0 => return Found::Pair(keep, of),
                (Some(_), Some(_)) => left -= 1,
                _ => {}
            },
            Kind::Call(call) if keeps(call.op) => match find(call.op, Some(&Inside { op, call, around: inside }), left)
            {
                Found::Left(after) => left = after,
                found => return found,
            },
            _ => {}
        }
        step += 1;
    }
    Found::Left(left)
}

/// The one axis of the outermost operator that an axis stands for.
const fn outermost(axis: u8, inside: Option<&Inside<'_, '_>>) -> Option<u8> {
    let (mut axis, mut inside) = (axis, inside);
    while let Some(Inside { op, call, around }) = inside {
        axis = match op.placed(call, axis) {
            Ok(shape) if shape.rank() == 1 => shape.axis(0),
            _ => return None,
        };
        inside = *around;
    }
    Some(axis)
}
