//! Which steps run over windows: those of windows on chip, but for what lies in their padding.

use crate::op::{Arg, Kind, Op, Windows};

/// Most values of an operator.
const MOST: usize = crate::check::MAX_INPUTS + crate::op::MAX_STEPS;

/// Whether a step computes with windows, or with what is computed of them, and not with tensors of the same axes alone.
pub const fn works_on(op: &Op<'_>, step: usize, it: &Windows) -> bool {
    // Which values so far are windows, or computed of them, and have both of their axes.
    let (mut windowed, mut at) = ([false; MOST], 0);
    while at <= step {
        let (kind, args) = (&op.steps[at].kind, op.steps[at].args);
        let (mut any, mut arg) = (false, 0);
        while arg < args.len() {
            if let Arg::Value(value) = args[arg] {
                any |= windowed[value as usize];
            }
            arg += 1;
        }
        if at == step {
            return any;
        }
        let value = op.value_of(at) as usize;
        let shape = &op.shapes[value];
        windowed[value] = match kind {
            Kind::Windows(own) if own.same(it) => true,
            // In memory there are zeros in the place of padding.
            Kind::Store
            | Kind::Call(_)
            | Kind::Output(_)
            | Kind::Carry
            | Kind::Append(_)
            | Kind::Write(_)
            | Kind::Gather(_)
            | Kind::Take { .. } => false,
            _ => any && shape.has(it.at) && shape.has(it.width),
        };
        at += 1;
    }
    false
}
