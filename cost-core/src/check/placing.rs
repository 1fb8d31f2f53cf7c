//! What is said of a callee's axes that are none of the caller's.

use super::Wrong;
use super::message::Message;
use super::message::Names::{Own, Within};
use crate::op::{Call, Op, Shape, Unplaced};
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
                .then(unused(op.axes))
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
        Unplaced::None | Unplaced::Unbound => {
            // A result's axis is best called as the callee calls it.
            let free = op.axis_named(name).is_none();
            let other = if free { name } else { unused(op.axes) };
            let text = text.then("no axis of ").quoted(op.name).then(" is of that size: declare ").quoted(other);
            let text = text.then(" with `#[cost(").then(other).then(" = ").axis(&size, axis as usize).then(")]`");
            if free { text } else { text.then(" and bind `").then(name).then(": ").then(other).then("`") }
                .then(", or bind it to axes whose product is")
        }
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

/// A name for another axis of an operator that has these.
pub const fn unused(axes: &[&str]) -> &'static str {
    const NAMES: [&str; 8] = ["e", "f", "m", "r", "w", "c", "p", "q"];
    let mut name = 0;
    while name < NAMES.len() {
        let mut axis = 0;
        while axis < axes.len() && !same(axes[axis], NAMES[name]) {
            axis += 1;
        }
        if axis == axes.len() {
            return NAMES[name];
        }
        name += 1;
    }
    "other"
}

/// What sets the shape of an argument apart from the one that the callee's parameter has here.
pub(super) const fn apart(text: &Message, op: &Op<'_>, call: &Call<'_>, expected: &Shape, found: &Shape) -> Message {
    let (text, lacks, has) = (*text, expected.minus(found), found.minus(expected));
    if let Some(experts) = call.experts
        && has.has(experts.count)
    {
        let of = op.axes[experts.count as usize];
        return text.then("; of a weight whose first axis is ").quoted(of).then(" each expert is given a slice");
    }
    match (lacks.rank(), has.rank()) {
        (0, 0) => text,
        (0, _) => text.then(": it has ").product(op.axes, &has).then(" besides"),
        (1, most) if most < 2 => {
            let Some(axis) = standing_for(op, call, lacks.axis(0)) else { return text };
            let text = text.then("; axis ").quoted(call.op.axes[axis]).then(" of ").quoted(call.op.name);
            let text = text.then(" is `").axis(&Within { op, call }, axis).then("` in this call, and this has ");
            if most == 0 { text.then("none") } else { text.quoted(op.axes[has.axis(0) as usize]).then(" instead") }
        }
        _ => text,
    }
}

/// The callee's axis that stands for one of the caller's.
const fn standing_for(op: &Op<'_>, call: &Call<'_>, own: u8) -> Option<usize> {
    let mut axis = 0;
    while axis < call.op.axes.len() {
        #[expect(clippy::cast_possible_truncation, reason = "an operator has fewer than 256 axes")]
        if let Ok(placed) = op.placed(call, axis as u8)
            && placed.has(own)
        {
            return Some(axis);
        }
        axis += 1;
    }
    None
}
