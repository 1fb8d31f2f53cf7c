//! What `top` keeps: axes of which there are no more than of those that it searches.

use crate::op::{Call, Kind, Op};

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
    let (mut step, mut left) = (0, n);
    while step < op.steps.len() {
        match &op.steps[step].kind {
            Kind::Top { of, keep } if left == 0 => return Some((*keep, *of)),
            Kind::Top { .. } => left -= 1,
            Kind::Call(call) if keeps(call.op) => {
                let mut inner = 0;
                while let Some((keep, of)) = kept(call.op, inner) {
                    if let (Some(keep), Some(of)) = (one(op, call, keep), one(op, call, of)) {
                        if left == 0 {
                            return Some((keep, of));
                        }
                        left -= 1;
                    }
                    inner += 1;
                }
            }
            _ => {}
        }
        step += 1;
    }
    None
}

/// The one axis of the caller that an axis of the callee stands for.
const fn one(op: &Op<'_>, call: &Call<'_>, axis: u8) -> Option<u8> {
    match op.placed(call, axis) {
        Ok(shape) if shape.rank() == 1 => Some(shape.axis(0)),
        _ => None,
    }
}
