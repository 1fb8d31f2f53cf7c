//! Where windows can be: along one axis of a tensor, under no mask, not of one another.

use super::Wrong;
use super::infer::wide;
use crate::op::{Arg, Count, Kind, Op, Shape, Windows};

/// The shape of windows.
pub(super) const fn windowed(op: &Op<'_>, shape: &Shape, it: &Windows) -> Result<Shape, Wrong> {
    if !shape.known() {
        return Ok(Shape::UNKNOWN);
    }
    if !shape.has(it.of) {
        return Err(Wrong::NoAxis { axis: it.of, shape: *shape });
    }
    let (left, to) = (shape.minus(&Shape::of(&[it.of])), [it.at, it.width]);
    let mut i = 0;
    while i < to.len() {
        if left.has(to[i]) {
            return Err(Wrong::AxisTwice { axis: to[i], shape: *shape });
        }
        i += 1;
    }
    if let Some((s, t)) = op.mask.axes() {
        let touched = Shape::of(&[it.of, it.at, it.width]);
        if touched.has(s) || touched.has(t) {
            return Err(Wrong::Thinned { s, t });
        }
    }
    let mut step = 0;
    while step < op.steps.len() {
        if let Kind::Windows(other) = &op.steps[step].kind
            && other.at == it.at
            && other.width == it.width
            && !other.same(it)
        {
            return Err(Wrong::OtherWindows { at: it.at, width: it.width });
        }
        step += 1;
    }
    wide(left.with(it.at).with(it.width))
}

/// Whether windows would be along an axis of other windows that nothing has been computed of.
pub(super) const fn windows_of_windows(op: &Op<'_>, value: u16, it: &Windows) -> bool {
    let mut value = value;
    while let Some(step) = op.step_of(value) {
        match (&op.steps[step].kind, op.steps[step].args) {
            (Kind::Windows(other), _) if other.at == it.of || other.width == it.of => return true,
            (Kind::Windows(_) | Kind::Last { .. } | Kind::View { .. }, [Arg::Value(of)]) => value = *of,
            _ => return false,
        }
    }
    false
}

/// The axes of windows with a padding that a view would take apart or make.
pub(super) const fn padded(op: &Op<'_>, of: &Shape, to: &Shape) -> Option<(u8, u8)> {
    let mut step = 0;
    while step < op.steps.len() {
        if let Kind::Windows(it) = op.steps[step].kind
            && !matches!(it.pad, Count::Number(0))
        {
            let axes = Shape::of(&[it.at, it.width]);
            if !axes.minus(of).same(&axes) || !axes.minus(to).same(&axes) {
                return Some((it.at, it.width));
            }
        }
        step += 1;
    }
    None
}
