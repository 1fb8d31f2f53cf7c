//! Along which axes the rows of a tensor run, and so which elements share a scale.

use crate::op::{Arg, Kind, Op, Role, Shape, Step};

/// The axes along which the rows of an input run: those that the first product to use it sums over.
///
/// A table's rows are what one id gathers. Where no product sums over any axis, rows run along the last one; so do a
/// cache's, whose rows are written one token at a time.
pub fn rows(op: &Op<'_>, input: usize) -> Shape {
    let it = &op.inputs[input];
    let last = match it.shape.axes() {
        [.., axis] => Shape::of(&[*axis]),
        [] => Shape::SCALAR,
    };
    if it.role != Role::Weight {
        return last;
    }
    #[expect(clippy::cast_possible_truncation, reason = "an operator has fewer inputs than that")]
    summed(op, input as u16).unwrap_or(last)
}

/// Whether an input is a factor of a product that sums over some of its axes.
pub fn factor(op: &Op<'_>, input: usize) -> bool {
    #[expect(clippy::cast_possible_truncation, reason = "an operator has fewer inputs than that")]
    multiplied(op, input as u16)
}

fn multiplied(op: &Op<'_>, value: u16) -> bool {
    let mut uses = op.steps.iter().enumerate().filter(|(_, step)| step.args.contains(&Arg::Value(value)));
    uses.any(|(i, step)| match step.kind {
        Kind::Dot(over) => !op.shapes[value as usize].minus(&over).same(&op.shapes[value as usize]),
        Kind::Dequant | Kind::Cast | Kind::Store | Kind::Carry | Kind::View { .. } | Kind::Windows(_) => {
            multiplied(op, op.value_of(i))
        }
        Kind::Call(call) => (0..call.op.inputs.len())
            .any(|input| op.passed(step, &call, input) == Some(Arg::Value(value)) && factor(call.op, input)),
        _ => false,
    })
}

fn summed(op: &Op<'_>, value: u16) -> Option<Shape> {
    let shape = op.shapes[value as usize];
    op.steps.iter().enumerate().find_map(|(i, step)| {
        let arg = step.args.iter().position(|arg| *arg == Arg::Value(value))?;
        match step.kind {
            Kind::Dot(over) => Some(shape.minus(&shape.minus(&over))),
            Kind::Gather(axis) if arg == 0 => Some(shape.minus(&Shape::of(&[axis]))),
            Kind::Dequant | Kind::Cast | Kind::Store | Kind::Carry => summed(op, op.value_of(i)),
            Kind::View { of, to } => summed(op, op.value_of(i)).map(|rows| rows.seen(&to, &of)),
            Kind::Call(_) => in_callee(op, step, arg),
            _ => None,
        }
    })
}

fn in_callee(op: &Op<'_>, step: &Step<'_>, arg: usize) -> Option<Shape> {
    let Kind::Call(call) = step.kind else {
        return None;
    };
    let input = (0..call.op.inputs.len()).find(|input| op.passed(step, &call, *input) == Some(step.args[arg]))?;
    let theirs = rows(call.op, input);
    let mut own = theirs.axes().iter().map(|axis| op.placed(&call, *axis).ok());
    own.try_fold(Shape::SCALAR, |shape, axes| Some(shape.union(&axes?)))
}
