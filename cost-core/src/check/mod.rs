//! Shape checks: one inference, run by `#[cost]` while it expands and by the compiler on the constant descriptions.
//!
//! What the macro can't see, the shapes of what other operators return, the compiler checks when it evaluates
//! [`verify`], at the token that the macro attached.

mod calls;
mod changing;
mod experts;
mod infer;
mod inline;
mod loops;
mod message;
mod placing;
mod sound;
mod windows;

pub use experts::Crowd;
pub use infer::{fault, infer, shapes};
pub use message::Message;
pub use placing::unused;
pub(crate) use sound::extent;
pub use sound::{MAX_CALLS, MAX_DEPTH, MAX_INPUTS, MAX_OUTPUTS, MAX_SEARCHES, Unsound, sound, unsound};

use crate::op::{Kind, Op, Role, Shape, Unplaced};

/// Which aspect of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum At {
    /// The step itself.
    Step,
    /// The annotation of its value.
    Annotation,
    /// Its `n`-th argument.
    Arg(usize),
    /// The `n`-th axis that a call binds.
    Bind(usize),
    /// The `n`-th tensor that the operator returns (of no step in particular).
    Returns(usize),
}

/// What is wrong with a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Which step.
    pub step: usize,
    /// What about it.
    pub wrong: Wrong,
}

/// Ways for a step to be wrong. Axes and shapes are in the axes of the operator that the step is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is explained by its message")]
pub enum Wrong {
    NotSummable { axis: u8, a: Shape, b: Shape },
    NotBroadcast { a: Shape, b: Shape },
    NoAxis { axis: u8, shape: Shape },
    AxisTwice { axis: u8, shape: Shape },
    NotSelected { of: u8, by: u8 },
    NotIds,
    IdsUsed,
    NotCache,
    NotOwned { name: &'static str, role: Role },
    NotAll { role: Role, written: Shape, found: Shape },
    NotStateOf { state: Shape, expected: Shape },
    NotRows { axis: u8, cache: Shape, rows: Shape },
    NotTaken { expected: Shape, rows: Shape },
    TooManyAxes,
    Annotated { annotated: Shape, derived: Shape },
    Returned { declared: Shape, derived: Shape },
    ReturnedRole { declared: Role, found: Role },
    ReturnedInput { input: usize },
    ReturnedTwice,
    Outputs { bound: usize, returned: usize },
    ExpertsReturn { returned: usize },
    InlineExperts,
    NestedExperts,
    Crowded { why: Crowd },
    InlineOwns,
    InlineAxis { axis: u8 },
    Carried { guard: bool, before: Shape, after: Shape },
    CarriedRole { before: Role },
    CarriedFormat { guard: bool },
    OutOfLoop { guard: bool },
    WindowsHandedOn,
    WindowsOfWindows,
    OtherWindows { at: u8, width: u8 },
    NotFused,
    AxisMissing { axis: usize },
    AxisUnknown { bind: usize },
    ArgCount { given: usize, needed: usize, most: usize },
    ArgUnplaced { found: Role },
    ArgRole { input: usize, wanted: Role, found: Role },
    ArgShape { input: usize, expected: Shape, found: Shape },
    ArgFormat { input: usize },
    NotAsMany { of: Shape, to: Shape },
    Kept { keep: u8, of: u8 },
    Thinned { s: u8, t: u8 },
    OtherSize { bind: usize, axis: u8 },
    Unplaced { input: Option<usize>, axis: u8, why: Unplaced },
    Merged { input: Option<usize>, first: u8, second: u8, axis: u8 },
    Gates { top: u8, found: Shape },
}

/// Stops compilation with a message if that aspect of that step is wrong.
#[track_caller]
pub const fn verify(op: &Op<'_>, step: usize, at: At) {
    if let Some(fault) = fault(op, step, at) {
        panic!("{}", fault.message(op).as_str());
    }
}

impl Fault {
    /// What to tell the author.
    pub const fn message(&self, op: &Op<'_>) -> Message {
        let axes = op.axes;
        match self.wrong {
            Wrong::NotSummable { axis, a, b } => {
                let axis_name = axes[axis as usize];
                let text = Message::new("`dot` sums over ").quoted(axis_name).then(", which ");
                let text = match (a.has(axis), b.has(axis)) {
                    (false, false) => text.then("neither operand has: they are "),
                    (false, true) => text.then("the first operand lacks: they are "),
                    _ => text.then("the second operand lacks: they are "),
                };
                text.shape(axes, &a).then(" and ").shape(axes, &b)
            }
            Wrong::NotBroadcast { a, b } => Message::new("these can't be broadcast: ")
                .shape(axes, &a)
                .then(" and ")
                .shape(axes, &b)
                .then("; one must have all axes of the other"),
            Wrong::NoAxis { axis, shape } => {
                Message::new("there is no axis ").quoted(axes[axis as usize]).then(" in ").shape(axes, &shape)
            }
            Wrong::AxisTwice { axis, shape } => Message::new("this has an axis ")
                .quoted(axes[axis as usize])
                .then(" already: it is ")
                .shape(axes, &shape),
            Wrong::NotSelected { of, by } => {
                Message::new("what is chosen is as many as the operator's mask says, and it has no mask `selected(s, ")
                    .then(axes[of as usize])
                    .then(", ")
                    .then(axes[by as usize])
                    .then(")`")
            }
            Wrong::NotTaken { expected, rows } => Message::new("the chosen rows have the axes ")
                .shape(axes, &expected)
                .then(", and what is put in their place has ")
                .shape(axes, &rows),
            Wrong::NotIds => Message::new("`gather` takes a table and token ids, a parameter of type `Ids<…>`"),
            Wrong::IdsUsed => Message::new("token ids are only looked up, with `gather`"),
            Wrong::NotAsMany { of, to } => {
                let (one, others) = if of.rank() == 1 { (&of, &to) } else { (&to, &of) };
                Message::new("")
                    .quoted(Kind::view_name(&of, &to))
                    .then(" leaves the elements as many as they are, and `")
                    .product(axes, one)
                    .then("` isn't known to be `")
                    .product(axes, others)
                    .then("`; if it is, declare it: `#[cost(")
                    .product(axes, one)
                    .then(" = ")
                    .product(axes, others)
                    .then(")]`")
            }
            Wrong::Thinned { s, t } => Message::new("a mask or padding leaves some of the pairs of ")
                .quoted(axes[s as usize])
                .then(" and ")
                .quoted(axes[t as usize])
                .then(", so these axes of both can't be seen as others, nor others as these"),
            Wrong::Kept { keep, of } => Message::new("`top` keeps no more along ")
                .quoted(axes[keep as usize])
                .then(" than there are along ")
                .quoted(axes[of as usize])
                .then(", so it can't be seen along another axis"),
            Wrong::TooManyAxes => Message::new("this has more than 16 axes"),
            Wrong::Annotated { annotated, derived } => Message::new("this is annotated as ")
                .shape(axes, &annotated)
                .then(" but its derived shape is ")
                .shape(axes, &derived),
            Wrong::Returned { declared, derived } => Message::new("")
                .quoted(op.name)
                .then(" is declared to return ")
                .shape(axes, &declared)
                .then(" but its body gives ")
                .shape(axes, &derived),
            Wrong::ReturnedTwice => Message::new("this is returned before, as it is or seen along other axes"),
            Wrong::ReturnedInput { input } => Message::new("")
                .quoted(op.inputs[input].name)
                .then(" is returned as it came: whoever calls has it already"),
            Wrong::ReturnedRole { declared, found } => Message::new("")
                .quoted(op.name)
                .then(if declared.ownable() { " is declared to return a " } else { " is declared to return an " })
                .quoted(declared.name())
                .then(if declared.ownable() { ", one that it is given or owns" } else { "" })
                .then(", and its body gives ")
                .then(if matches!(found, Role::Act) { "an " } else { "a " })
                .quoted(found.name()),
            wrong => match changing::message(op, wrong) {
                Some(message) => message,
                None => self.call_message(op),
            },
        }
    }

    const fn call_message(&self, op: &Op<'_>) -> Message {
        let axes = op.axes;
        let Kind::Call(call) = op.steps[self.step].kind else {
            return Message::new("");
        };
        let callee = call.op;
        match self.wrong {
            Wrong::AxisMissing { axis } => Message::new("")
                .quoted(callee.name)
                .then(" needs its axis ")
                .quoted(callee.axes[axis])
                .then("; it has ")
                .list(callee.axes),
            Wrong::AxisUnknown { bind } => Message::new("")
                .quoted(callee.name)
                .then(" has no axis ")
                .quoted(call.bind[bind].axis)
                .then("; it has ")
                .list(callee.axes),
            Wrong::ArgCount { given, needed, most } => {
                let text = Message::new("").quoted(callee.name).then(" takes ").number(needed);
                let text = if needed == most { text } else { text.then(" to ").number(most) };
                let text = text.then(if most == 1 { " tensor" } else { " tensors" });
                let text = if needed == most { text } else { text.then(" (weights and caches may be left out)") };
                text.then(" and got ").then(if given == 0 { "none" } else { "" }).then_number(given)
            }
            Wrong::ArgUnplaced { found } => Message::new("")
                .quoted(callee.name)
                .then(" has no parameter of type ")
                .quoted(found.name())
                .then(" left for this"),
            Wrong::ArgRole { input, wanted, found } => Message::new("parameter ")
                .quoted(callee.inputs[input].name)
                .then(" of ")
                .quoted(callee.name)
                .then(" is of type ")
                .quoted(wanted.name())
                .then(", and this is of type ")
                .quoted(found.name()),
            Wrong::ArgShape { input, expected, found } => {
                let text =
                    Message::new("parameter ").quoted(callee.inputs[input].name).then(" of ").quoted(callee.name);
                let text =
                    text.then(" has shape ").shape(axes, &expected).then(" here, and this is ").shape(axes, &found);
                placing::apart(&text, op, &call, &expected, &found)
            }
            Wrong::ArgFormat { input } => Message::new("parameter ")
                .quoted(callee.inputs[input].name)
                .then(" of ")
                .quoted(callee.name)
                .then(" is declared with a number format, `#[format(…)]`, which this isn't declared with"),
            Wrong::Gates { top, found } => Message::new("gates have the axes of the tokens and ")
                .quoted(axes[top as usize])
                .then(", and these are ")
                .shape(axes, &found),
            Wrong::Outputs { bound, returned } => {
                let text = Message::new("").quoted(callee.name).then(" returns ").number(returned);
                let text = text.then(if returned == 1 { " tensor" } else { " tensors" });
                let text = text.then(", and here it is bound to ").number(bound);
                text.then(if returned > 1 { "; give each a name, as in `let (x, y) = …`" } else { "" })
            }
            Wrong::NestedExperts => Message::new("")
                .quoted(callee.name)
                .then(" routes tokens to experts of its own, and experts inside experts can't be counted"),
            Wrong::Crowded { why } => experts::message(callee, why),
            Wrong::InlineExperts => Message::new("experts have kernels of their own, and ")
                .quoted(callee.name)
                .then(" is inline, part of its caller's"),
            Wrong::InlineOwns => {
                Message::new("").quoted(callee.name).then(" is inline and owns nothing: give it all of its tensors")
            }
            Wrong::InlineAxis { axis } => Message::new("axis ")
                .quoted(callee.axes[axis as usize])
                .then(" of ")
                .quoted(callee.name)
                .then(", which is inline, stands for one axis here, and this binds it to something else"),
            Wrong::ExpertsReturn { returned } => Message::new("what experts return is added up, and ")
                .quoted(callee.name)
                .then(" returns ")
                .number(returned)
                .then(" tensors"),
            wrong => placing::message(op, &call, wrong),
        }
    }
}
