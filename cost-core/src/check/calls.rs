//! What is wrong with calls: axes, arguments and gates.

use super::Wrong;
use super::infer::{arg_shape, derived};
use crate::count::{shows_windows, sliced};
use crate::op::{Arg, Call, Op, Role, Shape, Step, Unplaced, call_args};

/// Why a callee's shape is none of the caller's.
pub(super) enum Misplaced {
    /// An axis stands for none of the caller's.
    Axis { axis: u8, why: Unplaced },
    /// Two of the callee's axes are bound to one of the caller's, which a tensor can't have twice.
    Merged { first: u8, second: u8, axis: u8 },
}

impl Misplaced {
    /// What is wrong with an argument, or with the result.
    pub(super) const fn wrong(self, input: Option<usize>) -> Wrong {
        match self {
            Self::Axis { axis, why } => Wrong::Unplaced { input, axis, why },
            Self::Merged { first, second, axis } => Wrong::Merged { input, first, second, axis },
        }
    }
}

/// A callee's shape in the caller's axes.
pub(super) const fn substituted(op: &Op<'_>, call: &Call<'_>, shape: &Shape) -> Result<Shape, Misplaced> {
    let mut own = if shape.known() { Shape::SCALAR } else { Shape::UNKNOWN };
    let mut i = 0;
    while i < shape.rank() {
        let axes = match op.placed(call, shape.axis(i)) {
            Ok(axes) => axes,
            Err(why) => return Err(Misplaced::Axis { axis: shape.axis(i), why }),
        };
        let mut j = 0;
        while j < axes.rank() {
            if own.has(axes.axis(j)) {
                let first = merged_with(op, call, shape, axes.axis(j));
                return Err(Misplaced::Merged { first, second: shape.axis(i), axis: axes.axis(j) });
            }
            j += 1;
        }
        own = own.union(&axes);
        i += 1;
    }
    Ok(own)
}

/// The first axis of a callee's shape that is bound to an axis of the caller.
const fn merged_with(op: &Op<'_>, call: &Call<'_>, shape: &Shape, axis: u8) -> u8 {
    let mut i = 0;
    while i < shape.rank() {
        if let Ok(axes) = op.placed(call, shape.axis(i))
            && axes.has(axis)
        {
            return shape.axis(i);
        }
        i += 1;
    }
    axis
}

pub(super) const fn call_fault(op: &Op<'_>, step: &Step<'_>, call: &Call<'_>) -> Option<Wrong> {
    let callee = call.op;
    let mut bind = 0;
    let mut axis = 0;
    while bind < call.bind.len() {
        if call.op.axis_named(call.bind[bind].axis).is_none() {
            // Then the axis that it was meant for isn't missing as well.
            axis = callee.axes.len();
        }
        bind += 1;
    }
    while axis < callee.axes.len() {
        if op.bound(call, axis).is_none() && !callee.derives(axis) {
            return Some(Wrong::AxisMissing { axis });
        }
        axis += 1;
    }
    let given = call_args(step, call);
    let mut needed = 0;
    let mut input = 0;
    while input < callee.inputs.len() {
        if !callee.inputs[input].role.ownable() {
            needed += 1;
        }
        input += 1;
    }
    if given < needed || given > callee.inputs.len() {
        return Some(Wrong::ArgCount { given, needed, most: callee.inputs.len() });
    }
    None
}

pub(super) const fn bind_fault(op: &Op<'_>, call: &Call<'_>, bind: usize) -> Option<Wrong> {
    if call.op.failed {
        return None;
    }
    match call.op.axis_named(call.bind[bind].axis) {
        None => Some(Wrong::AxisUnknown { bind }),
        Some(axis) if !op.binds_rightly(call, axis as usize) => Some(Wrong::OtherSize { bind, axis }),
        Some(_) => None,
    }
}

pub(super) const fn arg_fault(op: &Op<'_>, step: &Step<'_>, call: &Call<'_>, arg: usize) -> Option<Wrong> {
    if call.op.failed || call_fault(op, step, call).is_some() {
        return None;
    }
    if arg == call_args(step, call) {
        return gates_fault(op, step, call, arg);
    }
    if let Arg::Value(value) = step.args[arg]
        && shows_windows(op, value)
    {
        return Some(Wrong::WindowsHandedOn);
    }
    let Some(input) = input_of(op, step, call, arg) else {
        return Some(Wrong::ArgUnplaced { found: op.role_of(step.args[arg]) });
    };
    let wanted = call.op.inputs[input].role;
    let found = op.role_of(step.args[arg]);
    let takes_ids = matches!(wanted, Role::Ids);
    if takes_ids != matches!(found, Role::Ids) {
        return Some(Wrong::ArgRole { input, wanted, found });
    }
    let found = arg_shape(op.shapes, step.args[arg]);
    // Of what is dealt out to experts each is given a slice.
    let found = match call.experts {
        Some(experts) if sliced(op, step, call, input) => found.minus(&Shape::of(&[experts.count])),
        _ => found,
    };
    let expected = match substituted(op, call, &call.op.inputs[input].shape) {
        Ok(expected) => expected,
        Err(misplaced) => return Some(misplaced.wrong(Some(input))),
    };
    if !found.same(&expected) {
        return Some(Wrong::ArgShape { input, expected, found });
    }
    match (call.op.inputs[input].format, op.format_of(step.args[arg])) {
        (Some(declared), Some(own)) if declared.same(&own) => None,
        (Some(_), _) => Some(Wrong::ArgFormat { input }),
        (None, _) => None,
    }
}

/// Gates have one number for each token and copy that it uses.
const fn gates_fault(op: &Op<'_>, step: &Step<'_>, call: &Call<'_>, arg: usize) -> Option<Wrong> {
    let Some(experts) = call.experts else {
        return None;
    };
    let found = arg_shape(op.shapes, step.args[arg]);
    let Ok(result) = derived(op, op.shapes, step) else { return None };
    let tokens = found.minus(&Shape::of(&[experts.top, experts.count]));
    let one = found.has(experts.top) != found.has(experts.count);
    if !found.known() || !result.known() || (one && result.covers(&tokens)) {
        None
    } else {
        Some(Wrong::Gates { top: experts.top, found })
    }
}

const fn input_of(op: &Op<'_>, step: &Step<'_>, call: &Call<'_>, arg: usize) -> Option<usize> {
    if call_args(step, call) == call.op.inputs.len() {
        return Some(arg);
    }
    let (mut next, mut input) = (0, 0);
    while input < call.op.inputs.len() && next <= arg {
        if op.passed(step, call, input).is_some() {
            if next == arg {
                return Some(input);
            }
            next += 1;
        }
        input += 1;
    }
    None
}
