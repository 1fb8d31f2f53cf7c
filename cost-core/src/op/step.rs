//! The steps of a body: operations, operands, calls and loops.

use super::{Dim, Map, Norm, OnMesh, Op, Reduce, Role, Shape, Zip};
use crate::format::Format;

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
    /// `put::<s, c>(x, rows, chosen)`: the tensor with other rows in the place of those that were chosen along axis `s`.
    Put {
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
        match self {
            Self::Last { .. } | Self::View { .. } | Self::Windows(_) => true,
            Self::Call(call) => call.is_view(),
            _ => false,
        }
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

    /// Whether it stands for an exchange between the devices of a mesh.
    pub const fn is_exchange(&self) -> bool {
        matches!(self.op.mesh, Some(OnMesh::Exchange(_)))
    }

    /// Whether it stands for what a device of a mesh has already, so that the kernel that it is in goes on.
    pub const fn is_view(&self) -> bool {
        matches!(self.op.mesh, Some(OnMesh::Exchange(it)) if it.transfer.is_view())
    }
}

/// `experts::<count, top>(call, gates, capacity = c)`: `count` copies of the callee, each token through `top` of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Experts {
    /// The axis of copies.
    pub count: u8,
    /// The axis of copies that one token uses.
    pub top: u8,
    /// Whether the last operand of the step weighs the copies' results.
    pub gated: bool,
    /// For how many tokens each copy has room: it computes on as many rows, whatever is in them. Without one, it computes
    /// on the tokens that come to it.
    pub capacity: Option<Count>,
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
