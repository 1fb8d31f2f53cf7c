//! The parts of a description, owned. What they mean stands at those of [`crate::op`], whose names they have.

use super::Size;
use crate::format::Format;
use crate::op::{self, Arg, Experts, Mask, Op, Output, Role, Shape, Tied, Transfer};

/// An operator, as [`Op`].
#[derive(Clone, Debug)]
pub struct Definition {
    /// Its name, in camel case.
    pub name: String,
    /// Its axes, in the order of declaration.
    pub axes: Vec<String>,
    /// The axes whose sizes are given in terms of others, each after those that it is made of.
    pub derived: Vec<(u8, Size)>,
    /// Its parameters.
    pub inputs: Vec<Input>,
    /// Its body, in order.
    pub steps: Vec<Step>,
    /// The shape of each value; [`super::Library::add`] infers them.
    pub shapes: Vec<Shape>,
    /// Repeated and conditional ranges of steps; an inner one comes after the one around it.
    pub loops: Vec<Loop>,
    /// What it returns, in order.
    pub outputs: Vec<Output>,
    /// Which query–key pairs exist.
    pub mask: Mask,
    /// Whether every step is its own kernel.
    pub unfused: bool,
    /// Whether it is part of its callers' kernels.
    pub inline: bool,
    /// The axis that is cut into tiles, and a tile's length.
    pub tile: Option<(u8, Size)>,
    /// Which share of a model's parameters its weights count to.
    pub part: Option<String>,
    /// What it is of a mesh of devices, if anything.
    pub mesh: Option<OnMesh>,
    /// Whether the declaration had errors.
    pub failed: bool,
}

/// What an operator is of a mesh of devices, as [`op::OnMesh`].
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "as the fields of that")]
pub enum OnMesh {
    /// An exchange.
    Exchange { transfer: Transfer, ranks: u8, why: String },
    /// One of many experts.
    Experts { all: u8, from: u8 },
}

/// A parameter, as [`op::Input`].
#[derive(Clone, Debug)]
pub struct Input {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub role: Role,
    /// Its shape.
    pub shape: Shape,
    /// Its number format, where the declaration fixes it.
    pub format: Option<Format>,
    /// The tensor's name in released safetensors files.
    pub hf: Option<String>,
    /// The tensor's name in GGUF files.
    pub gguf: Option<String>,
    /// Which share of a model's parameters it counts to.
    pub part: Option<String>,
    /// The parameter that it is not apart from, where an axis says so.
    pub tied: Option<Tied>,
}

/// A step of a body, as [`op::Step`].
#[derive(Clone, Debug)]
pub struct Step {
    /// The operation.
    pub kind: Kind,
    /// Its operands.
    pub args: Vec<Arg>,
    /// The `let` that the value is bound to; empty if none.
    pub name: String,
    /// The shape that an annotation declares for it.
    pub annotated: Option<Shape>,
    /// The number format of the value, where the body fixes it.
    pub format: Option<Format>,
}

/// An operation.
#[derive(Clone, Debug)]
pub enum Kind {
    /// Any but a call.
    Plain(op::Kind<'static>),
    /// Another operator.
    Call(Call),
}

/// A call, as [`op::Call`].
#[derive(Clone, Debug)]
pub struct Call {
    /// What is called.
    pub callee: Callee,
    /// The size of each of its axes that the call names.
    pub bind: Vec<(String, Size)>,
    /// Whether axes that aren't named are those of the caller with the same name.
    pub rest: bool,
    /// Whether each token goes through some of many copies.
    pub experts: Option<Experts>,
}

impl Call {
    /// The call of something that isn't known.
    pub const UNKNOWN: Self = Self { callee: Callee::Unknown, bind: Vec::new(), rest: false, experts: None };
}

/// What a call calls.
#[derive(Clone, Debug)]
pub enum Callee {
    /// Something that isn't known (yet): its result has no known shape.
    Unknown,
    /// A definition of the same library, by its place.
    Own(usize),
    /// A constant operator.
    Declared(&'static Op<'static>),
}

/// A repeated or conditional range of steps, as [`op::Loop`].
#[derive(Clone, Debug)]
pub struct Loop {
    /// How often it runs; 0 or 1 for a condition.
    pub times: Size,
    /// Whether it is a condition.
    pub guard: bool,
    /// Whether its rounds stay on chip.
    pub fused: bool,
    /// Its label; empty if none.
    pub label: String,
    /// Its first step.
    pub start: u16,
    /// The step after its last.
    pub end: u16,
    /// The variables that it changes: the value at the start of a round and what it becomes at its end.
    pub carried: Vec<(u16, u16)>,
}

impl Definition {
    /// A constant operator as a definition, which calls what it calls.
    pub fn of(op: &Op<'static>) -> Self {
        super::copy::definition(op, &mut |callee| Callee::Declared(callee))
    }

    /// What a function makes of the definition by itself, its calls of other definitions left unknown and all shapes that
    /// can be told so inferred.
    pub fn alone<T>(&self, then: impl FnOnce(&Op<'_>) -> T) -> T {
        super::link::alone(self, then)
    }

    /// What it calls.
    pub fn callees(&self) -> impl Iterator<Item = &Callee> {
        self.steps.iter().filter_map(Step::call).map(|call| &call.callee)
    }
}

impl Step {
    /// What it calls, if it does.
    pub(super) const fn call(&self) -> Option<&Call> {
        match &self.kind {
            Kind::Call(call) => Some(call),
            Kind::Plain(_) => None,
        }
    }
}
