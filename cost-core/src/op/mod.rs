//! An operator's description: constant data that says what an operator reads, computes and calls.
//!
//! `#[cost]` writes one of these for each operator; everything else (checks, counts, formulas, the interpreter) reads it.
//! It can also be built by hand or at run time: it borrows whatever holds its lists.

mod dim;
mod exchange;
mod mask;
mod primitive;
mod same;
mod shape;
mod step;
mod value;

pub use dim::{Derived, Dim, MAX_QUOTIENTS, Quotient, Term};
pub use exchange::{Cut, Exchange, OnMesh, Routes, Transfer};
pub use mask::{Mask, Tile};
pub use primitive::{Map, Norm, Reduce, Zip};
pub use same::Unplaced;
pub use shape::{MAX_RANK, Shape};
pub use step::{Arg, Bind, Call, Count, Experts, Kind, Loop, Step, Windows};
pub use value::Returned;
pub(crate) use value::call_args;

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
    /// What it is of a mesh of devices, if anything.
    pub mesh: Option<OnMesh<'a>>,
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
        mesh: None,
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
}
