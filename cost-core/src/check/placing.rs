//! What is said of a callee's axes that are none of the caller's.

use super::Wrong;
use super::message::Message;
use super::message::Names::{Own, Within};
use crate::op::{Call, Op, Unplaced};
use crate::text::same;

/// What to tell the author of a call.
pub(super) const fn message(op: &Op<'_>, call: &Call<'_>, wrong: Wrong) -> Message {
    let callee = call.op;
    match wrong {
        Wrong::OtherSize { bind, axis } => Message::new("axis ")
            .quoted(callee.axes[axis as usize])
            .then(" of ")
            .quoted(callee.name)
            .then(" is `")
            .axis(&Within { op, call }, axis as usize)
            .then("` here, and not known to be `")
            .size(&Own(op), &call.bind[bind].dim)
            .then("`"),
        Wrong::Unplaced { input, axis, why } => unplaced(op, call, input, axis, why),
        Wrong::Merged { input, first, second, axis } => {
            let axis = op.axes[axis as usize];
            part(callee, input)
                .then(" has the axes ")
                .quoted(callee.axes[first as usize])
                .then(" and ")
                .quoted(callee.axes[second as usize])
                .then(", which are both bound to ")
                .quoted(axis)
                .then(" here: a tensor has an axis once; declare another of the same size, as in `#[cost(")
                .then(another(axis))
                .then(" = ")
                .then(axis)
                .then(")]`, and `rename` the axis where a tensor has the other")
        }
        _ => Message::new(""),
    }
}

const fn unplaced(op: &Op<'_>, call: &Call<'_>, input: Option<usize>, axis: u8, why: Unplaced) -> Message {
    let (name, size) = (call.op.axes[axis as usize], Within { op, call });
    let text = part(call.op, input)
        .then(" has the axis ")
        .quoted(name)
        .then(", which is `")
        .axis(&size, axis as usize)
        .then("` here; ");
    match why {
        Unplaced::Several => text
            .then("several axes of ")
            .quoted(op.name)
            .then(" are of that size: bind it to one of them, as in `")
            .then(call.op.name)
            .then(" { ")
            .then(name)
            .then(": … }`"),
        Unplaced::None | Unplaced::Unbound => text
            .then("no axis of ")
            .quoted(op.name)
            .then(" is of that size: declare one, as in `#[cost(")
            .then(if op.axis_named(name).is_some() { "…" } else { name })
            .then(" = ")
            .axis(&size, axis as usize)
            .then(")]`, or bind it to axes whose product is"),
    }
}

/// The parameter of a callee, or its result.
const fn part(callee: &Op<'_>, input: Option<usize>) -> Message {
    match input {
        Some(input) => Message::new("parameter ").quoted(callee.inputs[input].name).then(" of "),
        None => Message::new("the result of "),
    }
    .quoted(callee.name)
}

/// A name for an axis of the same size as another.
const fn another(axis: &str) -> &'static str {
    if same(axis, "e") { "f" } else { "e" }
}
