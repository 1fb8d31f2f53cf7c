//! An operator's description: constant data that says what an operator reads, computes and calls.
//!
//! `#[cost]` writes one of these for each operator; everything else (checks, counts, formulas, the interpreter) reads it.
//! It can also be built by hand or at run time: it borrows whatever holds its lists.

mod dim;
mod primitive;
mod same;
mod shape;

pub use dim::{Derived, Dim, MAX_QUOTIENTS, Quotient, Term};
pub use primitive::{Map, Norm, Reduce, Zip};
pub use same::Unplaced;
pub use shape::{MAX_RANK, Shape};

use crate::format::Format;
use crate::text::same;

/// Most steps that one body can have (calls count as one).
pub const MAX_STEPS: usize = 4096;

/// Shares of a model's parameters that reports tell apart; weights of no part count as `other`.
///
/// `buffer` is for what files hold and kernels read, but nobody counts among the parameters.
pub const PARTS: &[&str] = &["embedding", "lm_head", "attention", "ffn", "norm", "other", "buffer"];

/// What a tensor is for: decides its number format and which bytes it counts to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// Activation.
    Act,
    /// Parameter.
    Weight,
    /// Key/value cache.
    Cache,
    /// Recurrent state.
    State,
    /// Token ids.
    Ids,
}

impl Role {
    /// Every role.
    pub const ALL: &'static [Self] = &[Self::Act, Self::Weight, Self::Cache, Self::State, Self::Ids];

    /// The name in an operator's signature.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Act => "Act",
            Self::Weight => "Weight",
            Self::Cache => "Cache",
            Self::State => "State",
            Self::Ids => "Ids",
        }
    }

    /// Whether a call that isn't given such a tensor owns one of its own.
    pub const fn ownable(self) -> bool {
        matches!(self, Self::Weight | Self::Cache | Self::State)
    }
}

/// An operator: its axes, its tensors and the steps of its body.
#[derive(Clone, Copy, Debug)]
pub struct Op<'a> {
    /// Its name, in camel case.
    pub name: &'a str,
    /// Its axes, in the order of declaration.
    pub axes: &'a [&'a str],
    /// The axes whose sizes are given in terms of others, each after those that it is made of.
    pub derived: &'a [Derived<'a>],
    /// Its parameters.
    pub inputs: &'a [Input<'a>],
    /// Its body, in order. Step `i` computes the value `inputs.len() + i`.
    pub steps: &'a [Step<'a>],
    /// The shape of each value (inputs first), as [`crate::check::shapes`] infers them.
    pub shapes: &'a [Shape],
    /// Repeated and conditional ranges of steps; an inner one comes after the one around it.
    pub loops: &'a [Loop<'a>],
    /// What it returns, in order; at least one.
    pub outputs: &'a [Output],
    /// Which query–key pairs exist.
    pub mask: Mask,
    /// Whether every step is its own kernel.
    pub unfused: bool,
    /// Whether it is part of the kernels of whoever calls it, rather than having its own.
    pub inline: bool,
    /// How often operands are read again.
    pub tile: Option<Tile<'a>>,
    /// Which share of a model's parameters its weights count to (`attention`, `ffn`, …), unless the tensor says.
    pub part: Option<&'a str>,
    /// Whether the declaration had errors: then nothing is checked against it.
    pub failed: bool,
}

/// One tensor that an operator returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Output {
    /// The value.
    pub value: u16,
    /// What it is declared to be for. What is no activation is a tensor that the operator was given, or that it owns.
    pub role: Role,
    /// The shape that it is declared to have.
    pub shape: Shape,
}

/// One parameter of an operator.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    /// Its name.
    pub name: &'a str,
    /// What it is for.
    pub role: Role,
    /// Its shape.
    pub shape: Shape,
    /// Its number format, where the declaration fixes it.
    pub format: Option<Format>,
    /// The tensor's name in released safetensors files, relative to its layer.
    pub hf: Option<&'a str>,
    /// The tensor's name in GGUF files, relative to its block.
    pub gguf: Option<&'a str>,
    /// Which share of a model's parameters it counts to.
    pub part: Option<&'a str>,
    /// The parameter that it is not apart from, where an axis says so.
    pub tied: Option<Tied>,
}

/// `#[tied(embed, tied)]`: where the axis is 1, a weight is another one of the same operator and not counted again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tied {
    /// The other weight.
    pub to: u16,
    /// The axis, 0 or 1.
    pub when: u8,
}

impl<'a> Input<'a> {
    /// A parameter with nothing but a name, a role and a shape.
    pub const fn new(name: &'a str, role: Role, shape: Shape) -> Self {
        Self { name, role, shape, format: None, hf: None, gguf: None, part: None, tied: None }
    }
}

/// One step of a body: what it does with which values.
#[derive(Clone, Copy, Debug)]
pub struct Step<'a> {
    /// The operation.
    pub kind: Kind<'a>,
    /// Its operands.
    pub args: &'a [Arg],
    /// The `let` that the value is bound to; empty if none.
    pub name: &'a str,
    /// The shape that an annotation declares for it.
    pub annotated: Option<Shape>,
    /// The number format of the value, where the body fixes it: of `cast`, or a `let` with `#[format(…)]`.
    pub format: Option<Format>,
}

impl<'a> Step<'a> {
    /// A step with nothing but an operation and its operands.
    pub const fn new(kind: Kind<'a>, args: &'a [Arg]) -> Self {
        Self { kind, args, name: "", annotated: None, format: None }
    }
}

/// An operand: a value of the body or a literal number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Arg {
    /// An input (below `inputs.len()`) or the value of an earlier step.
    Value(u16),
    /// A literal number, without a shape and without traffic.
    Number(f64),
}

impl Arg {
    /// The value, unless it is a literal.
    pub const fn value(self) -> Option<u16> {
        match self {
            Self::Value(value) => Some(value),
            Self::Number(_) => None,
        }
    }
}

/// An operation.
#[derive(Clone, Copy, Debug)]
pub enum Kind<'a> {
    /// `dot::<over>(a, b)`: the product of two tensors, summed over the named axes.
    Dot(Shape),
    /// `a + b` and its like.
    Zip(Zip),
    /// `silu(x)` and its like.
    Map(Map),
    /// `sum::<d>(x)` and its like.
    Reduce(Reduce, Shape),
    /// `softmax::<t>(x)` and its like.
    Norm(Norm, Shape),
    /// `gather::<v>(table, ids)`: the rows of the table that the ids name.
    Gather(u8),
    /// `take::<s, c>(x, chosen)`: the rows along axis `s` that were chosen, as `top` does; the others aren't read.
    Take {
        /// The axis of rows.
        of: u8,
        /// The axis of the chosen ones.
        keep: u8,
    },
    /// `append::<t>(cache, rows)`: the cache with the new rows written to its end.
    Append(u8),
    /// `before::<s>(state)`: the state as each position of the axis finds it.
    Before(u8),
    /// `slide::<s, r>(state, x)`: for each position the last `r` rows that it sees, those of the state first.
    Slide {
        /// The axis of positions.
        over: u8,
        /// The axis of rows that one position sees, and that the state keeps.
        width: u8,
    },
    /// `update(state, x)`: the state with what the last position leaves written over it; `fill(cache, rows)` and
    /// `write(w, x)`: a cache or a parameter with all of it written over. The role is that of what is written.
    Write(Role),
    /// `last::<s, o>(x)`: the last `o` positions of axis `s`; a view, which moves nothing by itself.
    Last {
        /// The axis that is cut.
        of: u8,
        /// The axis that stands in its place.
        keep: u8,
    },
    /// `rename::<e, d>(x)`: the same elements along other axes, of which there are as many; a view, as `last`.
    View {
        /// The axes that go.
        of: Shape,
        /// The axes that stand in their place.
        to: Shape,
    },
    /// `windows::<h, r, p>(x, stride = 2, pad = 1)`: along axis `h` windows of width `r` at positions `p`; a view. Those of their
    /// positions that are in the padding are no elements.
    Windows(Windows),
    /// `top::<t, w>(x)`: the `w` largest along axis `t`; 1 FLOP for each element that is looked at.
    Top {
        /// The axis that is searched.
        of: u8,
        /// The axis that stands in its place.
        keep: u8,
    },
    /// `among::<t, w>(x, chosen)`: what `top` has chosen along axis `t`; the operator's mask says how many that are.
    Among {
        /// The axis that was searched.
        of: u8,
        /// The axis of the chosen ones.
        by: u8,
    },
    /// `store(x)`: writes the value to memory and ends the kernel.
    Store,
    /// `dequant(w)`: widens a quantised operand: 1 FLOP an element for the scale, 1 more where there is a zero point.
    Dequant,
    /// `cast::<int8>(x)`: the value in another number format, that of the step: 1 FLOP an element to round it, and as many
    /// more as it takes to widen it again.
    Cast,
    /// What a variable is at the start of each round of a loop; its operand is what it was before.
    Carry,
    /// Another operator. The value is the first that it returns.
    Call(Call<'a>),
    /// Another one of those that the call in its operand returns, by its number.
    Output(u8),
}

impl Kind<'_> {
    /// Whether a step shows what is there already, and moves nothing by itself.
    pub const fn is_view(&self) -> bool {
        matches!(self, Self::Last { .. } | Self::View { .. } | Self::Windows(_))
    }

    /// What a view of some axes as others is called.
    pub const fn view_name(of: &Shape, to: &Shape) -> &'static str {
        match (of.rank(), to.rank()) {
            (1, 1) => "rename",
            (1, _) => "split",
            _ => "merge",
        }
    }
}

/// Windows along an axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Windows {
    /// The axis that they are along.
    pub of: u8,
    /// The axis that is their width.
    pub width: u8,
    /// The axis of their positions.
    pub at: u8,
    /// How far apart they are.
    pub stride: Count,
    /// How many positions the first one begins before the axis does, and the last one may end after it.
    pub pad: Count,
}

impl Windows {
    /// Whether they are the same windows.
    pub const fn same(&self, other: &Self) -> bool {
        let axes = self.of == other.of && self.width == other.width && self.at == other.at;
        axes && self.stride.same(other.stride) && self.pad.same(other.pad)
    }
}

/// A number, or the size of an axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    /// A number.
    Number(u32),
    /// The size of an axis.
    Axis(u8),
}

impl Count {
    const fn same(self, other: Self) -> bool {
        match (self, other) {
            (Self::Number(a), Self::Number(b)) => a == b,
            (Self::Axis(a), Self::Axis(b)) => a == b,
            _ => false,
        }
    }
}

/// A call of another operator.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    /// What is called.
    pub op: &'a Op<'a>,
    /// The size of each of its axes that the call names.
    pub bind: &'a [Bind<'a>],
    /// Whether axes that aren't named are those of the caller with the same name (`..`).
    pub rest: bool,
    /// Whether each token goes through some of many copies.
    pub experts: Option<Experts>,
}

impl Call<'_> {
    /// The call of something that isn't known: its result has no known shape.
    pub const UNKNOWN: Self = Self { op: &Op::UNKNOWN, bind: &[], rest: false, experts: None };
}

/// `experts::<count, top>(call, gates)`: `count` copies of the callee, each token through `top` of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Experts {
    /// The axis of copies.
    pub count: u8,
    /// The axis of copies that one token uses.
    pub top: u8,
    /// Whether the last operand of the step weighs the copies' results.
    pub gated: bool,
}

/// One axis of a callee and its size in terms of the caller's axes.
#[derive(Clone, Copy, Debug)]
pub struct Bind<'a> {
    /// The callee's axis.
    pub axis: &'a str,
    /// Its size.
    pub dim: Dim<'a>,
}

/// A repeated (`for _ in 0..l`) or conditional (`if bias`) range of steps.
#[derive(Clone, Copy, Debug)]
pub struct Loop<'a> {
    /// How often it runs; 0 or 1 for a condition.
    pub times: Dim<'a>,
    /// Whether it is a condition.
    pub guard: bool,
    /// Whether its rounds stay on chip, as part of one kernel (`'fused: for …`).
    pub fused: bool,
    /// Its label, which the paths of what is inside begin with; empty if none.
    pub label: &'a str,
    /// Its first step.
    pub start: u16,
    /// The step after its last.
    pub end: u16,
    /// The variables that it changes: the [`Kind::Carry`] value and what it becomes at the end of a round.
    pub carried: &'a [(u16, u16)],
}

impl Loop<'_> {
    /// Whether the loop encloses the step.
    pub const fn encloses(&self, step: usize) -> bool {
        (self.start as usize) <= step && step < (self.end as usize)
    }
}

/// Which pairs of a query position and a key position exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mask {
    /// All of them.
    None,
    /// The queries are the last of the keys' positions and see no later key: s·t − s(s−1)/2 pairs.
    Causal {
        /// The query axis.
        s: u8,
        /// The key axis.
        t: u8,
    },
    /// Causal, and each query sees at most the last `w` keys, itself included.
    Window {
        /// The query axis.
        s: u8,
        /// The key axis.
        t: u8,
        /// The axis that is the window's length.
        w: u8,
    },
    /// Each query sees the keys that are fewer than `w` positions away, before it and after it: a window of 2·w − 1
    /// positions around its own. With `w ≥ t` that is all of them.
    Around {
        /// The query axis.
        s: u8,
        /// The key axis.
        t: u8,
        /// The axis that is the window's reach: its length to either side, the query's own position included.
        w: u8,
    },
    /// Causal, and each query sees at most `w` keys of its choice: as many as a window's, but anywhere. All keys are kept,
    /// and no two queries are counted to choose the same key while there are others.
    Selected {
        /// The query axis.
        s: u8,
        /// The key axis.
        t: u8,
        /// The axis that is the number of keys.
        w: u8,
    },
    /// Causal, and each query sees the keys of its own chunk of `w` positions.
    Chunked {
        /// The query axis.
        s: u8,
        /// The key axis.
        t: u8,
        /// The axis that is a chunk's length.
        w: u8,
    },
}

impl Mask {
    /// The query and the key axis.
    pub const fn axes(&self) -> Option<(u8, u8)> {
        match self {
            Self::None => None,
            Self::Causal { s, t }
            | Self::Window { s, t, .. }
            | Self::Around { s, t, .. }
            | Self::Selected { s, t, .. }
            | Self::Chunked { s, t, .. } => Some((*s, *t)),
        }
    }

    /// The axis that limits how many keys a query sees.
    pub const fn limit(&self) -> Option<u8> {
        match self {
            Self::None | Self::Causal { .. } => None,
            Self::Window { w, .. } | Self::Around { w, .. } | Self::Selected { w, .. } | Self::Chunked { w, .. } => {
                Some(*w)
            }
        }
    }
}

/// `tile(s = n)`: an operand without axis `s` is read once for each tile of `n` positions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tile<'a> {
    /// The axis that is cut into tiles.
    pub axis: u8,
    /// The length of a tile.
    pub size: Dim<'a>,
}

impl<'a> Op<'a> {
    /// What stands for an operator that isn't known: nothing is checked against it and it costs nothing.
    pub const UNKNOWN: Self = Self {
        name: "",
        axes: &[],
        derived: &[],
        inputs: &[],
        steps: &[],
        shapes: &[],
        loops: &[],
        outputs: &[Output { value: 0, role: Role::Act, shape: Shape::UNKNOWN }],
        mask: Mask::None,
        unfused: false,
        inline: false,
        tile: None,
        part: None,
        failed: true,
    };

    /// The step that computes a value; nothing for an input.
    pub const fn step_of(&self, value: u16) -> Option<usize> {
        (value as usize).checked_sub(self.inputs.len())
    }

    /// The value that a step computes.
    #[expect(clippy::cast_possible_truncation, reason = "a body has at most MAX_STEPS steps")]
    pub const fn value_of(&self, step: usize) -> u16 {
        (self.inputs.len() + step) as u16
    }

    /// The index of the axis with this name.
    pub const fn axis_named(&self, name: &str) -> Option<u8> {
        let mut i = 0;
        while i < self.axes.len() {
            if same(self.axes[i], name) {
                #[expect(clippy::cast_possible_truncation, reason = "an operator has fewer than 256 axes")]
                return Some(i as u8);
            }
            i += 1;
        }
        None
    }

    /// The size of an axis in terms of others, if it is given so.
    pub const fn size_of(&self, axis: usize) -> Option<Dim<'a>> {
        let mut i = 0;
        while i < self.derived.len() {
            if self.derived[i].axis as usize == axis {
                return Some(self.derived[i].dim);
            }
            i += 1;
        }
        None
    }

    /// What binds the callee's axis in a call from this operator. One that has its size given in terms of others is bound
    /// only if the call says so.
    pub const fn bound<'c>(&self, call: &Call<'c>, axis: usize) -> Option<Dim<'c>> {
        let name = call.op.axes[axis];
        let mut i = 0;
        while i < call.bind.len() {
            if same(call.bind[i].axis, name) {
                return Some(call.bind[i].dim);
            }
            i += 1;
        }
        match self.axis_named(name) {
            Some(own) if call.rest && !call.op.derives(axis) => Some(Dim::Axis(own)),
            _ => None,
        }
    }

    /// The argument of a call step that the callee's input gets; nothing if the call owns it.
    ///
    /// With as many arguments as inputs they go by position. With fewer, each goes to the next input of its role, and
    /// the inputs that are passed over are owned by the call.
    pub const fn passed(&self, step: &Step<'a>, call: &Call<'a>, input: usize) -> Option<Arg> {
        let given = call_args(step, call);
        if given == call.op.inputs.len() {
            return Some(step.args[input]);
        }
        let (mut arg, mut i) = (0, 0);
        while i <= input && arg < given {
            let takes = call.op.inputs[i].role as u8 == self.role_of(step.args[arg]) as u8;
            if takes && i == input {
                return Some(step.args[arg]);
            }
            if takes {
                arg += 1;
            }
            i += 1;
        }
        None
    }

    /// [`Self::passed`] for each of the callee's inputs.
    pub(crate) fn all_passed(&self, step: &Step<'a>, call: &Call<'a>) -> Vec<Option<Arg>> {
        let (mut args, inputs) = (step.args[..call_args(step, call)].iter().copied().peekable(), call.op.inputs);
        let all = args.len() == inputs.len();
        let passed = |input: &Input<'a>| args.next_if(|arg| all || self.role_of(*arg) == input.role);
        inputs.iter().map(passed).collect()
    }

    /// The number format that declarations fix for an operand: its own, or that of the value that it shows, was before, or
    /// is handed back from.
    pub const fn format_of(&self, arg: Arg) -> Option<Format> {
        let Arg::Value(value) = arg else { return None };
        let Some(at) = self.step_of(value) else { return self.inputs[value as usize].format };
        let step = &self.steps[at];
        match step.kind {
            _ if step.format.is_some() => step.format,
            Kind::Append(_)
            | Kind::Write(_)
            | Kind::Last { .. }
            | Kind::View { .. }
            | Kind::Windows(_)
            | Kind::Carry
            | Kind::Store => self.format_of(step.args[0]),
            _ => match self.returned(value) {
                Some(Returned { call, by, output }) => {
                    let result = output.value as usize;
                    if result < call.op.inputs.len()
                        && let Some(own) = self.passed(by, call, result)
                    {
                        self.format_of(own)
                    } else {
                        call.op.format_of(Arg::Value(output.value))
                    }
                }
                None => None,
            },
        }
    }

    /// The role of an operand: its own for an input, its cache's for an appended cache, what it was before for a loop's
    /// variable, else activation.
    pub const fn role_of(&self, arg: Arg) -> Role {
        let Arg::Value(value) = arg else {
            return Role::Act;
        };
        match self.step_of(value) {
            None => self.inputs[value as usize].role,
            Some(step) => match self.steps[step].kind {
                Kind::Append(_)
                | Kind::Write(_)
                | Kind::Last { .. }
                | Kind::View { .. }
                | Kind::Windows(_)
                | Kind::Carry => self.role_of(self.steps[step].args[0]),
                _ => match self.returned(value) {
                    Some(Returned { output, .. }) => output.role,
                    None => Role::Act,
                },
            },
        }
    }

    /// Which of the values that the operator returns one is.
    pub const fn output(&self, value: u16) -> Option<usize> {
        let mut i = 0;
        while i < self.outputs.len() {
            if self.outputs[i].value == value {
                return Some(i);
            }
            i += 1;
        }
        None
    }

    /// The step of the call that returns a value, if one does.
    pub const fn call_of(&self, value: u16) -> Option<usize> {
        match self.step_of(value) {
            Some(at) => match (&self.steps[at].kind, self.steps[at].args) {
                (Kind::Call(_), _) => Some(at),
                (Kind::Output(_), [Arg::Value(first)]) => self.step_of(*first),
                _ => None,
            },
            None => None,
        }
    }

    /// What returns a value, if a call does whose callee is known.
    pub const fn returned(&self, value: u16) -> Option<Returned<'_, 'a>> {
        let (Some(at), Some(by)) = (self.step_of(value), self.call_of(value)) else { return None };
        let number = if let Kind::Output(number) = self.steps[at].kind { number as usize } else { 0 };
        let by = &self.steps[by];
        match &by.kind {
            Kind::Call(call) if !call.op.failed && number < call.op.outputs.len() => {
                Some(Returned { call, by, output: call.op.outputs[number] })
            }
            _ => None,
        }
    }

    /// The value here that a callee hands back as it came, where a value is that: a tensor that it was given.
    pub const fn handed_back(&self, value: u16) -> Option<u16> {
        let Some(Returned { call, by, output }) = self.returned(value) else { return None };
        if !output.role.ownable() {
            return None;
        }
        let inner = crate::count::origin(call.op, output.value);
        if call.experts.is_some() || inner as usize >= call.op.inputs.len() {
            return None;
        }
        match self.passed(by, call, inner as usize) {
            Some(Arg::Value(value)) => Some(value),
            _ => None,
        }
    }
}

/// What returns a value: a call, by a step, one of its callee's outputs.
#[derive(Clone, Copy, Debug)]
pub struct Returned<'s, 'a> {
    /// The call.
    pub call: &'s Call<'a>,
    /// The step that makes it.
    pub by: &'s Step<'a>,
    /// The value, as the callee declares it.
    pub output: Output,
}

/// How many arguments of a call step go to the callee (the gates of routed experts don't).
pub(crate) const fn call_args(step: &Step<'_>, call: &Call<'_>) -> usize {
    match call.experts {
        Some(Experts { gated: true, .. }) => step.args.len() - 1,
        _ => step.args.len(),
    }
}
