//! What is wrong with what is written to, and with variables that loops change.

use super::{Message, Wrong};
use crate::op::{Op, Role};

/// What to tell the author; nothing if it is another kind of mistake.
pub(super) const fn message(op: &Op<'_>, wrong: Wrong) -> Option<Message> {
    let axes = op.axes;
    Some(match wrong {
        Wrong::NotCache => Message::new("`append` writes to a cache, a parameter of type `Cache<…>`, and this is none"),
        Wrong::NotOwned { name, role } => Message::new("")
            .quoted(name)
            .then(match role {
                Role::Cache => " takes a cache",
                Role::Weight => " takes a weight",
                _ => " takes a recurrent state",
            })
            .then(", a parameter of type `")
            .then(role.name())
            .then("<…>`, and this is none"),
        Wrong::NotAll { role, written, found } => {
            let text = Message::new(if role as u8 == Role::Cache as u8 { "`fill`" } else { "`write`" });
            text.then(" writes all of ").shape(axes, &written).then(", and this is ").shape(axes, &found)
        }
        Wrong::NotStateOf { state, expected } => {
            Message::new("the state is ").shape(axes, &state).then(", and this is ").shape(axes, &expected)
        }
        Wrong::NotRows { axis, cache, rows } => Message::new("`append` takes rows with the axes of the cache, ")
            .shape(axes, &cache)
            .then(", but for one axis in place of ")
            .quoted(axes[axis as usize])
            .then("; these are ")
            .shape(axes, &rows),
        Wrong::Carried { guard, before, after } => Message::new("a variable that ")
            .then(if guard { "a condition" } else { "a loop" })
            .then(" changes keeps its shape: it is ")
            .shape(axes, &before)
            .then(" before and ")
            .shape(axes, &after)
            .then(" after"),
        Wrong::CarriedFormat { guard } => Message::new("a variable that ")
            .then(if guard { "a condition" } else { "a loop" })
            .then(" changes keeps its number format: `cast` what it becomes, too, or what it is before"),
        Wrong::CarriedRole { before } => Message::new("what changes here is a ")
            .quoted(before.name())
            .then(", which only `append` can change; bind what is computed from it to a variable of its own"),
        Wrong::OtherWindows { at, width } => Message::new("")
            .quoted(axes[at as usize])
            .then(" and ")
            .quoted(axes[width as usize])
            .then(" are of other windows already: give these axes of their own"),
        Wrong::WindowsOfWindows => Message::new(
            "these would be windows of windows, which overlap: compute something of the first ones, or `store` them",
        ),
        Wrong::WindowsHandedOn => Message::new(
            "windows overlap, and only a kernel sees them: `store` them to hand them on as a tensor of their own",
        ),
        Wrong::NotFused => {
            Message::new("the rounds of a fused loop are part of one kernel, and this is one of its own")
        }
        Wrong::OutOfLoop { guard } => Message::new("this is computed inside ")
            .then(if guard { "a condition" } else { "a loop" })
            .then(", out of which only a cache or a state is handed; give the variable a value before, with `let`"),
        _ => return None,
    })
}
