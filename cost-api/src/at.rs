//! Sizes of an operator's axes, as `--at` gives them.

use cost_core::op::{Kind, Op, Role, Shape};
use cost_core::text::short;

use crate::error::{self, Error, Result};

/// The axis of that name.
pub(crate) fn axis(op: &Op<'_>, name: &str) -> Result<u16> {
    op.axis_named(name).map(u16::from).ok_or_else(|| {
        let nearest = cost_core::nearest(name, op.axes.iter().copied());
        let near = nearest.map_or_else(String::new, |near| format!(" (did you mean `{near}`?)"));
        let expected = format!("one of {}", op.axes.join(", "));
        let message = format!("{} has no axis `{}`{near}; expected {expected}", op.name, short(name, 100));
        let error = Error::new(error::Kind::Request, message);
        Error { found: Some(name.to_owned()), expected: Some(expected), ..error }.near(nearest)
    })
}

/// Axes and their sizes, none of them twice and none smaller than `least`.
pub(crate) fn sizes(op: &Op<'_>, at: &[String], least: u64) -> Result<Vec<(u16, u64)>> {
    let mut given: Vec<(u16, u64)> = Vec::new();
    for text in at {
        let wrong = || {
            let number = if least > 0 { "a positive whole number" } else { "a whole number" };
            let expected = format!("AXIS=N with {number}, as in t=512");
            Error::found("at", format_args!("`{}`", short(text, 100)), expected)
        };
        let (name, size) = text.split_once('=').ok_or_else(wrong)?;
        let named = axis(op, name.trim())?;
        if op.derives(usize::from(named)) {
            let name = op.axes[usize::from(named)];
            let said = format!("`{name}` of {} has its size in terms of other axes; leave it out", op.name);
            return Err(Error::option("at", said));
        }
        if given.iter().any(|(other, _)| *other == named) {
            return Err(Error::option("at", format_args!("`{}` gives a second size to the axis", short(text, 100))));
        }
        given.push((named, size.trim().parse().ok().filter(|size| *size >= least).ok_or_else(wrong)?));
    }
    Ok(given)
}

/// A size for each axis; 0 for those that have them in terms of others.
pub(crate) fn all(op: &Op<'_>, at: &[String]) -> Result<Vec<u64>> {
    let given = sizes(op, at, 0)?;
    let needed: Vec<u16> = needed(op).into_iter().map(u16::from).collect();
    if let Some((axis, _)) = given.iter().find(|(axis, size)| *size == 0 && needed.contains(axis)) {
        let name = op.axes[usize::from(*axis)];
        let expected = format!("at least 1: tensors of {} have the axis {name}", op.name);
        return Err(Error::found("at", format_args!("{name}=0"), expected));
    }
    let size = |axis| {
        let given = given.iter().find(|(named, _)| *named == axis).map(|(_, size)| *size);
        given.or_else(|| op.derives(usize::from(axis)).then_some(0))
    };
    let missing = (0_u16..).zip(op.axes).filter(|(axis, _)| size(*axis).is_none()).map(|(_, name)| *name);
    let missing: Vec<&str> = missing.collect();
    if missing.is_empty() {
        return Ok((0..).map_while(size).collect());
    }
    let example: Vec<String> = (0_u16..)
        .zip(op.axes)
        .filter(|(axis, _)| !op.derives(usize::from(*axis)))
        .map(|(axis, name)| format!("{name}={}", size(axis).unwrap_or_else(|| usual(name))))
        .collect();
    let found = format!("no size for {} of {}", missing.join(", "), op.name);
    Err(Error::found("at", found, format_args!("one for each axis, as in --at {}", example.join(","))))
}

/// The axes of tensors that are there whatever conditions are and however often loops run: without a position along one of
/// them there is nothing to count.
fn needed(op: &Op<'_>) -> Vec<u8> {
    let always = |step: usize| !op.loops.iter().any(|it| it.encloses(step));
    let mut found: Vec<u8> = Vec::new();
    let mut add = |shape: &Shape| found.extend(shape.axes());
    op.inputs.iter().filter(|input| input.role != Role::Weight).for_each(|input| add(&input.shape));
    for (at, step) in op.steps.iter().enumerate().filter(|(at, _)| always(*at)) {
        add(&op.shapes[usize::from(op.value_of(at))]);
        if let Kind::Call(call) = step.kind {
            let theirs = needed(call.op).into_iter();
            theirs.filter_map(|axis| op.placed(&call, axis).ok()).for_each(|axes| add(&axes));
        }
    }
    found
}

/// A size that an axis of that name might have.
fn usual(axis: &str) -> u64 {
    match axis {
        "t" | "d" => 4096,
        "s" => 2048,
        "f" => 11_008,
        "v" => 32_000,
        "n" | "e" | "g" => 8,
        "h" => 64,
        "k" => 128,
        "top" => 2,
        "w" => 1024,
        _ => 1,
    }
}
