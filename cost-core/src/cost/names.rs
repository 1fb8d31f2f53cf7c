//! What kernels and tensors are called.

use super::frame::Frame;
use super::num::Num;
use crate::op::{Kind, Op, Role, Step};

impl<N: Num> Frame<'_, N> {
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
        join(&self.place(step), &self.label(step))
    }

    /// The path of what a step is part of: the enclosing calls, then the labels of the loops around it.
    pub(super) fn place(&self, step: usize) -> String {
        place(self.op, &self.path, step)
    }

    /// The name of what a step computes: its `let`, or its operation.
    pub(super) fn label(&self, step: usize) -> String {
        let name = self.name_of(step);
        if name.is_empty() { operation(&self.op.steps[step]) } else { name }
    }

    /// The `let` that a step's value goes to, here or in the caller; empty if none.
    pub(super) fn name_of(&self, step: usize) -> String {
        let it = &self.op.steps[step];
        if !it.name.is_empty() {
            it.name.to_owned()
        } else if let Some(output) = self.op.output(self.op.value_of(step)) {
            self.results[output].name.clone()
        } else {
            String::new()
        }
    }
}

/// The path of what a step of an operator is part of.
pub(super) fn place(op: &Op<'_>, path: &str, step: usize) -> String {
    let around = op.loops.iter().filter(|it| it.encloses(step));
    around.fold(path.to_owned(), |path, it| join(&path, it.label))
}

fn operation(step: &Step<'_>) -> String {
    match step.kind {
        Kind::Dot(_) => "dot".to_owned(),
        Kind::Zip(zip) => match zip.name() {
            "+" => "add".to_owned(),
            "-" => "sub".to_owned(),
            "*" => "mul".to_owned(),
            "/" => "div".to_owned(),
            name => name.to_owned(),
        },
        Kind::Map(map) => map.name().to_owned(),
        Kind::Reduce(reduce, _) => reduce.name().to_owned(),
        Kind::Norm(norm, _) => norm.name().to_owned(),
        Kind::Gather(_) => "gather".to_owned(),
        Kind::Take { .. } => "take".to_owned(),
        Kind::Put { .. } => "put".to_owned(),
        Kind::Append(_) => "append".to_owned(),
        Kind::Top { .. } => "top".to_owned(),
        Kind::Among { .. } => "among".to_owned(),
        Kind::Before(_) => "before".to_owned(),
        Kind::Slide { .. } => "slide".to_owned(),
        Kind::Write(Role::Cache) => "fill".to_owned(),
        Kind::Write(Role::Weight) => "write".to_owned(),
        Kind::Write(_) => "update".to_owned(),
        Kind::Last { .. } => "last".to_owned(),
        Kind::Windows(_) => "windows".to_owned(),
        Kind::View { of, to } => Kind::view_name(&of, &to).to_owned(),
        Kind::Store => "store".to_owned(),
        Kind::Dequant => "dequant".to_owned(),
        Kind::Cast => "cast".to_owned(),
        Kind::Carry => "carry".to_owned(),
        Kind::Call(call) => snake(call.op.name),
        Kind::Output(_) => "output".to_owned(),
    }
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
    let mut text = String::with_capacity(name.len() + 4);
    for (i, c) in name.char_indices() {
        if c.is_ascii_uppercase() && i > 0 {
            text.push('_');
        }
        text.push(c.to_ascii_lowercase());
    }
    text
}
