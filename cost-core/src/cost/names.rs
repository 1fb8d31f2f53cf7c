//! What kernels and tensors are called.

use std::borrow::Cow;

use super::frame::Frame;
use super::num::Num;
use crate::op::{Kind, Op, Role, Step};

impl<'o, N: Num> Frame<'o, N> {
    /// The path of a tensor, if anything asks for it.
    pub(super) fn named(&self, path: impl FnOnce() -> String) -> String {
        if self.names { path() } else { String::new() }
    }

    /// The path of what a step computes: the same here and where it is handed back to.
    pub(super) fn path_of(&self, step: usize) -> String {
        if let Some(output) = self.op.output(self.op.value_of(step))
            && self.op.steps[step].name.is_empty()
        {
            return self.results[output].path.clone();
        }
        joined(self.place(step), &self.label(step))
    }

    /// The path of what a step is part of: the enclosing calls, then the labels of the loops around it.
    pub(super) fn place(&self, step: usize) -> String {
        place(self.op, &self.path, step)
    }

    /// The name of what a step computes: its `let`, or its operation.
    pub(super) fn label(&self, step: usize) -> Cow<'o, str> {
        let name = self.name_of(step);
        if name.is_empty() { operation(&self.op.steps[step]) } else { name }
    }

    /// The `let` that a step's value goes to, here or in the caller; empty if none.
    pub(super) fn name_of(&self, step: usize) -> Cow<'o, str> {
        let it = &self.op.steps[step];
        match self.op.output(self.op.value_of(step)) {
            Some(output) if it.name.is_empty() => self.results[output].name.clone(),
            _ => it.name.into(),
        }
    }
}

/// The path of what a step of an operator is part of.
pub(super) fn place(op: &Op<'_>, path: &str, step: usize) -> String {
    // What is there goes on with the name of something.
    let mut place = String::with_capacity(path.len() + 32);
    place.push_str(path);
    op.loops.iter().filter(|it| it.encloses(step)).fold(place, |place, it| joined(place, it.label))
}

pub(super) fn operation(step: &Step<'_>) -> Cow<'static, str> {
    let name = match step.kind {
        Kind::Dot(_) => "dot",
        Kind::Zip(zip) => match zip.name() {
            "+" => "add",
            "-" => "sub",
            "*" => "mul",
            "/" => "div",
            name => name,
        },
        Kind::Map(map) => map.name(),
        Kind::Reduce(reduce, _) => reduce.name(),
        Kind::Norm(norm, _) => norm.name(),
        Kind::Gather(_) => "gather",
        Kind::Take { .. } => "take",
        Kind::Put { .. } => "put",
        Kind::Append(_) => "append",
        Kind::Top { .. } => "top",
        Kind::Among { .. } => "among",
        Kind::Before(_) => "before",
        Kind::Slide { .. } => "slide",
        Kind::Write(Role::Cache) => "fill",
        Kind::Write(Role::Weight) => "write",
        Kind::Write(_) => "update",
        Kind::Last { .. } => "last",
        Kind::Windows(_) => "windows",
        Kind::View { of, to } => Kind::view_name(&of, &to),
        Kind::Store => "store",
        Kind::Dequant => "dequant",
        Kind::Cast => "cast",
        Kind::Carry => "carry",
        Kind::Call(call) => return snake(call.op.name).into(),
        Kind::Output(_) => "output",
    };
    name.into()
}

/// A path, and then a name.
pub(super) fn joined(mut path: String, name: &str) -> String {
    if !path.is_empty() && !name.is_empty() {
        path.push('.');
    }
    path.push_str(name);
    path
}

pub(super) fn join(path: &str, name: &str) -> String {
    match (path.is_empty(), name.is_empty()) {
        (true, _) => name.to_owned(),
        (_, true) => path.to_owned(),
        _ => [path, ".", name].concat(),
    }
}

/// `RmsNorm` as `rms_norm`.
pub(super) fn snake(name: &str) -> String {
    called(String::with_capacity(name.len() + 4), name)
}

/// A path, and then the name of what is called, in snake case.
pub(super) fn called(mut path: String, name: &str) -> String {
    if !path.is_empty() {
        path.push('.');
    }
    for (i, c) in name.char_indices() {
        if c.is_ascii_uppercase() && i > 0 {
            path.push('_');
        }
        path.push(c.to_ascii_lowercase());
    }
    path
}
