//! Routed experts: which axes their tokens are along, and which weights they have slices of.

use crate::op::{Arg, Call, Kind, Op, Role, Shape, Step};

/// The axes of an operator's tokens, as experts route them: those of its first activation that no weight has.
pub const fn token_axes(op: &Op<'_>) -> Shape {
    let mut input = 0;
    while input < op.inputs.len() {
        if !op.inputs[input].role.ownable() {
            return op.inputs[input].shape.minus(&weight_axes(op));
        }
        input += 1;
    }
    Shape::SCALAR
}

/// The axes of an operator that its weights have, its callees' included.
pub const fn weight_axes(op: &Op<'_>) -> Shape {
    let (mut shape, mut input) = (Shape::SCALAR, 0);
    while input < op.inputs.len() {
        if matches!(op.inputs[input].role, Role::Weight) {
            shape = shape.union(&op.inputs[input].shape);
        }
        input += 1;
    }
    let mut step = 0;
    while step < op.steps.len() {
        if let Kind::Call(call) = &op.steps[step].kind {
            shape = shape.union(&op.outside(call, &weight_axes(call.op)));
        }
        step += 1;
    }
    shape
}

/// Whether each of the experts of a call gets a slice of its own for an input: the argument is a weight whose first axis is
/// that of the experts, and the input has no such axis.
pub const fn sliced(op: &Op<'_>, step: &Step<'_>, call: &Call<'_>, input: usize) -> bool {
    let Some(experts) = call.experts else { return false };
    let Some(Arg::Value(value)) = op.passed(step, call, input) else { return false };
    let shape = &op.shapes[value as usize];
    shape.rank() > 0
        && shape.axis(0) == experts.count
        && matches!(op.role_of(Arg::Value(value)), Role::Weight)
        && !op.outside(call, &call.op.inputs[input].shape).has(experts.count)
}

/// Whether an input is given to experts slice by slice wherever it is used, here and in what it is handed to.
pub fn dealt_out(op: &Op<'_>, input: u16) -> bool {
    let mut uses = op.steps.iter().filter(|step| step.args.contains(&Arg::Value(input))).peekable();
    let slices = |step: &Step<'_>| {
        let Kind::Call(call) = step.kind else { return false };
        let mut given = (0..call.op.inputs.len()).filter(|own| op.passed(step, &call, *own) == Some(Arg::Value(input)));
        given.all(|own| match call.experts {
            Some(_) => sliced(op, step, &call, own),
            None => u16::try_from(own).is_ok_and(|own| dealt_out(call.op, own)),
        })
    };
    uses.peek().is_some() && op.output(input).is_none() && uses.all(slices)
}
