//! The shape of each value, and what is wrong with each step.

use super::calls::{Misplaced, arg_fault, bind_fault, call_fault, substituted};
use super::experts::experts_fault;
use super::inline::inline_fault;
use super::loops::{left_inside, not_fused, out_of_loop};
use super::windows::{padded, windowed, windows_of_windows};
use super::{At, Fault, Wrong};
use crate::count::{kept, origin, shows_windows};
use crate::format::Format;
use crate::op::{Arg, Kind, Mask, Op, Output, Returned, Role, Shape, Step, Unplaced, Zip};

/// The shapes of an operator's values: its inputs' as declared, then each step's.
///
/// `N` is the number of values. A step that is wrong has an unknown shape, unless an annotation says what it should be.
pub const fn shapes<const N: usize>(op: &Op<'_>) -> [Shape; N] {
    let mut shapes = [Shape::UNKNOWN; N];
    let mut i = 0;
    while i < N {
        shapes[i] = if i < op.inputs.len() {
            op.inputs[i].shape
        } else {
            shape_of(op, &shapes, &op.steps[i - op.inputs.len()])
        };
        i += 1;
    }
    shapes
}

/// As [`shapes`], at run time and for any number of values.
pub fn infer(op: &Op<'_>) -> Vec<Shape> {
    let mut shapes: Vec<Shape> = op.inputs.iter().map(|input| input.shape).collect();
    for step in op.steps {
        let shape = shape_of(op, &shapes, step);
        shapes.push(shape);
    }
    shapes
}

const fn shape_of(op: &Op<'_>, shapes: &[Shape], step: &Step<'_>) -> Shape {
    let Ok(derived) = derived(op, shapes, step) else { return Shape::UNKNOWN };
    match step.annotated {
        // An annotation that is wrong is reported once, not again wherever the value goes.
        Some(annotated) if !annotated.same(&derived) => Shape::UNKNOWN,
        _ => derived,
    }
}

/// What is wrong with one aspect of one step; `op.shapes` must be filled in.
pub const fn fault(op: &Op<'_>, step: usize, at: At) -> Option<Fault> {
    let wrong = match at {
        At::Returns(number) => return returned(op, number),
        At::Step => step_fault(op, step),
        At::Annotation => annotation_fault(op, step),
        At::Arg(arg) => match op.steps[step].kind {
            Kind::Call(call) => arg_fault(op, &op.steps[step], &call, arg),
            _ => None,
        },
        At::Bind(bind) => match op.steps[step].kind {
            Kind::Call(call) => bind_fault(op, &call, bind),
            _ => None,
        },
    };
    match wrong {
        Some(wrong) => Some(Fault { step, wrong }),
        None => None,
    }
}

const fn step_fault(op: &Op<'_>, step: usize) -> Option<Wrong> {
    let it = &op.steps[step];
    let shape = match derived(op, op.shapes, it) {
        Ok(shape) => shape,
        Err(wrong) => return Some(wrong),
    };
    if not_fused(op, step) {
        return Some(Wrong::NotFused);
    }
    if let Some(wrong) = out_of_loop(op, step) {
        return Some(wrong);
    }
    if let (Kind::Carry, [Arg::Value(before)]) = (it.kind, it.args)
        && shows_windows(op, *before)
    {
        return Some(Wrong::WindowsHandedOn);
    }
    // A variable that a loop changes must come out as it went in.
    let value = op.value_of(step);
    let mut i = 0;
    while i < op.loops.len() {
        let mut j = 0;
        while j < op.loops[i].carried.len() {
            let (carry, end) = op.loops[i].carried[j];
            if carry == value {
                if shows_windows(op, end) {
                    return Some(Wrong::WindowsHandedOn);
                }
                let (before, after) = (op.role_of(it.args[0]), op.role_of(Arg::Value(end)));
                if before as u8 != after as u8 {
                    return Some(Wrong::CarriedRole { before });
                }
                if !same_format(op.format_of(it.args[0]), op.format_of(Arg::Value(end))) {
                    return Some(Wrong::CarriedFormat { guard: op.loops[i].guard });
                }
                if !op.shapes[end as usize].same(&shape) {
                    return Some(Wrong::Carried {
                        guard: op.loops[i].guard,
                        before: shape,
                        after: op.shapes[end as usize],
                    });
                }
            }
            j += 1;
        }
        i += 1;
    }
    if let Kind::Call(call) = it.kind
        && !call.op.failed
    {
        let (bound, returned) = (bound_outputs(op, step), call.op.outputs.len());
        return match call_fault(op, it, &call) {
            None => match experts_fault(&call) {
                None if bound != returned => Some(Wrong::Outputs { bound, returned }),
                None if call.op.inline => inline_fault(op, it, &call),
                wrong => wrong,
            },
            wrong => wrong,
        };
    }
    None
}

/// How many of the values that a call returns are bound.
const fn bound_outputs(op: &Op<'_>, call: usize) -> usize {
    let mut step = call + 1;
    while step < op.steps.len()
        && matches!(op.steps[step].kind, Kind::Output(_))
        && matches!(op.steps[step].args[0], Arg::Value(of) if of == op.value_of(call))
    {
        step += 1;
    }
    step - call
}

const fn same_format(a: Option<Format>, b: Option<Format>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => a.same(&b),
        (a, b) => a.is_none() && b.is_none(),
    }
}

const fn annotation_fault(op: &Op<'_>, step: usize) -> Option<Wrong> {
    let it = &op.steps[step];
    match (it.annotated, derived(op, op.shapes, it)) {
        (Some(annotated), Ok(derived)) if !annotated.same(&derived) => Some(Wrong::Annotated { annotated, derived }),
        _ => None,
    }
}

const fn returned(op: &Op<'_>, number: usize) -> Option<Fault> {
    let Output { value, role, shape } = op.outputs[number];
    let (found, derived) = (op.role_of(Arg::Value(value)), op.shapes[value as usize]);
    if !derived.known() {
        return None;
    }
    if let Some(guard) = left_inside(op, value, None) {
        return Some(Fault { step: usize::MAX, wrong: Wrong::OutOfLoop { guard } });
    }
    let (mut again, mut i) = (false, 0);
    while i < number {
        again |= origin(op, op.outputs[i].value) == origin(op, value);
        i += 1;
    }
    let wrong = match (found, role) {
        _ if again => Wrong::ReturnedTwice,
        _ if shows_windows(op, value) => Wrong::WindowsHandedOn,
        (Role::Ids, _) => Wrong::IdsUsed,
        (_, role) if role.ownable() && role as u8 != found as u8 => Wrong::ReturnedRole { declared: role, found },
        (found, Role::Act) if found.ownable() && op.returned(value).is_some() => {
            Wrong::ReturnedRole { declared: role, found }
        }
        (_, Role::Act) if op.outputs.len() > 1 && (value as usize) < op.inputs.len() => {
            Wrong::ReturnedInput { input: value as usize }
        }
        _ if !derived.same(&shape) => Wrong::Returned { declared: shape, derived },
        _ => return None,
    };
    Some(Fault { step: usize::MAX, wrong })
}

pub(super) const fn arg_shape(shapes: &[Shape], arg: Arg) -> Shape {
    match arg {
        Arg::Value(value) => shapes[value as usize],
        Arg::Number(_) => Shape::SCALAR,
    }
}

pub(super) const fn derived(op: &Op<'_>, shapes: &[Shape], step: &Step<'_>) -> Result<Shape, Wrong> {
    if uses_ids(op, step) {
        return Err(Wrong::IdsUsed);
    }
    let a = if step.args.is_empty() { Shape::SCALAR } else { arg_shape(shapes, step.args[0]) };
    let b = if step.args.len() < 2 { Shape::SCALAR } else { arg_shape(shapes, step.args[1]) };
    match step.kind {
        Kind::Dot(over) => {
            if !a.known() || !b.known() {
                return Ok(Shape::UNKNOWN);
            }
            let mut i = 0;
            while i < over.rank() {
                if !a.has(over.axis(i)) || !b.has(over.axis(i)) {
                    return Err(Wrong::NotSummable { axis: over.axis(i), a, b });
                }
                i += 1;
            }
            wide(a.union(&b).minus(&over))
        }
        Kind::Zip(zip) => {
            if !a.known() || !b.known() {
                return Ok(Shape::UNKNOWN);
            }
            // A product may be an outer one; sums of tensors that don't contain one another are mistakes.
            if !matches!(zip, Zip::Mul) && !a.covers(&b) && !b.covers(&a) {
                return Err(Wrong::NotBroadcast { a, b });
            }
            wide(a.union(&b))
        }
        Kind::Reduce(_, over) => match lacks(&a, &over) {
            Some(axis) => Err(Wrong::NoAxis { axis, shape: a }),
            None => Ok(a.minus(&over)),
        },
        Kind::Norm(_, over) => match lacks(&a, &over) {
            Some(axis) => Err(Wrong::NoAxis { axis, shape: a }),
            None => Ok(a),
        },
        Kind::Map(_) | Kind::Store | Kind::Dequant | Kind::Cast | Kind::Carry => Ok(a),
        Kind::Gather(_) | Kind::Take { .. } | Kind::Append(_) => rows(op, step, a, b),
        Kind::Put { of, keep } => put(a, b, arg_shape(shapes, step.args[2]), of, keep),
        Kind::Before(_) | Kind::Slide { .. } | Kind::Write(_) => recurrent(op, step, a, b),
        Kind::Among { of, by } => {
            match op.mask {
                Mask::Selected { t, w, .. } if t == of && w == by => {}
                _ => return Err(Wrong::NotSelected { of, by }),
            }
            if a.known() && !a.has(of) {
                return Err(Wrong::NoAxis { axis: of, shape: a });
            }
            if b.known() && !b.has(by) {
                return Err(Wrong::NoAxis { axis: by, shape: b });
            }
            Ok(a)
        }
        Kind::Last { of, keep } | Kind::Top { of, keep } => {
            if a.known() && !a.has(of) {
                return Err(Wrong::NoAxis { axis: of, shape: a });
            }
            replaced(&a, of, keep)
        }
        Kind::View { of, to } => viewed(op, &a, &of, &to),
        Kind::Windows(it) => match step.args {
            [Arg::Value(of)] if windows_of_windows(op, *of, &it) => Err(Wrong::WindowsOfWindows),
            _ => windowed(op, &a, &it),
        },
        Kind::Output(number) => Ok(output(op, step, number as usize)),
        Kind::Call(call) => {
            if call.op.failed {
                return Ok(Shape::UNKNOWN);
            }
            match substituted(op, &call, &call.op.outputs[0].shape) {
                Ok(shape) => Ok(shape),
                Err(Misplaced::Axis { why: Unplaced::Unbound, .. }) => Ok(Shape::UNKNOWN),
                Err(misplaced) => Err(misplaced.wrong(None)),
            }
        }
    }
}

/// The shape of what looks up or appends rows.
const fn rows(op: &Op<'_>, step: &Step<'_>, a: Shape, b: Shape) -> Result<Shape, Wrong> {
    match step.kind {
        Kind::Gather(axis) => {
            if !matches!(op.role_of(step.args[1]), Role::Ids) {
                return Err(Wrong::NotIds);
            }
            if a.known() && !a.has(axis) {
                return Err(Wrong::NoAxis { axis, shape: a });
            }
            if !a.known() || !b.known() {
                return Ok(Shape::UNKNOWN);
            }
            wide(b.union(&a.minus(&Shape::of(&[axis]))))
        }
        Kind::Take { of, keep } => taken(a, b, of, keep),
        Kind::Append(axis) => {
            if !matches!(op.role_of(step.args[0]), Role::Cache | Role::State) {
                return Err(Wrong::NotCache);
            }
            if a.known() && !a.has(axis) {
                return Err(Wrong::NoAxis { axis, shape: a });
            }
            let (old, new) = (a.minus(&b), b.minus(&a));
            if a.known() && b.known() && !(old.rank() == 1 && old.axis(0) == axis && new.rank() == 1) {
                return Err(Wrong::NotRows { axis, cache: a, rows: b });
            }
            Ok(a)
        }
        _ => Ok(a),
    }
}

/// The shape of chosen rows of a tensor.
const fn taken(a: Shape, chosen: Shape, of: u8, keep: u8) -> Result<Shape, Wrong> {
    if a.known() && !a.has(of) {
        return Err(Wrong::NoAxis { axis: of, shape: a });
    }
    if chosen.known() && !chosen.has(keep) {
        return Err(Wrong::NoAxis { axis: keep, shape: chosen });
    }
    let others = chosen.minus(&Shape::of(&[keep]));
    if a.known() && chosen.known() && (!a.covers(&others) || others.has(of)) {
        return Err(Wrong::NotBroadcast { a, b: others });
    }
    replaced(&a, of, keep)
}

/// The shape of a tensor with other rows in the place of chosen ones, which are as they would be taken.
const fn put(a: Shape, rows: Shape, chosen: Shape, of: u8, keep: u8) -> Result<Shape, Wrong> {
    match taken(a, chosen, of, keep) {
        Ok(expected) if expected.known() && rows.known() && !expected.same(&rows) => {
            Err(Wrong::NotTaken { expected, rows })
        }
        Ok(_) => Ok(a),
        Err(wrong) => Err(wrong),
    }
}

/// The shape of what a call returns besides its first.
const fn output(op: &Op<'_>, step: &Step<'_>, number: usize) -> Shape {
    let Arg::Value(first) = step.args[0] else { return Shape::UNKNOWN };
    match op.returned(first) {
        Some(Returned { call, .. }) if number < call.op.outputs.len() => {
            match substituted(op, call, &call.op.outputs[number].shape) {
                Ok(shape) => shape,
                // What the call lacks is said of the call.
                Err(_) => Shape::UNKNOWN,
            }
        }
        _ => Shape::UNKNOWN,
    }
}

/// The shape of what reads or writes a recurrent state `a`.
const fn recurrent(op: &Op<'_>, step: &Step<'_>, a: Shape, b: Shape) -> Result<Shape, Wrong> {
    let name = match step.kind {
        Kind::Before(_) => "before",
        Kind::Slide { .. } => "slide",
        Kind::Write(Role::Cache) => "fill",
        Kind::Write(Role::Weight) => "write",
        _ => "update",
    };
    let role = if let Kind::Write(role) = step.kind { role } else { Role::State };
    if op.role_of(step.args[0]) as u8 != role as u8 {
        return Err(Wrong::NotOwned { name, role });
    }
    match step.kind {
        Kind::Before(_) if !a.known() => Ok(a),
        Kind::Before(over) if a.has(over) => Err(Wrong::AxisTwice { axis: over, shape: a }),
        Kind::Before(over) => wide(a.with(over)),
        Kind::Slide { over, width } => {
            if b.known() && !b.has(over) {
                return Err(Wrong::NoAxis { axis: over, shape: b });
            }
            let expected = match replaced(&b, over, width) {
                Ok(expected) => expected,
                Err(wrong) => return Err(wrong),
            };
            if a.known() && b.known() && !a.same(&expected) {
                return Err(Wrong::NotStateOf { state: a, expected });
            }
            if b.known() { wide(b.with(width)) } else { Ok(b) }
        }
        Kind::Write(Role::Cache | Role::Weight) if a.known() && b.known() && !a.same(&b) => {
            Err(Wrong::NotAll { role, written: a, found: b })
        }
        // What is left of positions is the last one's.
        _ if a.known() && b.known() && !(b.covers(&a) && b.rank() <= a.rank() + 1) => {
            Err(Wrong::NotStateOf { state: a, expected: b })
        }
        _ => Ok(a),
    }
}

/// Whether a step computes with token ids, rather than looking them up or handing them on.
const fn uses_ids(op: &Op<'_>, step: &Step<'_>) -> bool {
    let mut arg = match step.kind {
        // These have messages of their own.
        Kind::Call(_) | Kind::Append(_) | Kind::Gather(_) => return false,
        _ => 0,
    };
    while arg < step.args.len() {
        if matches!(op.role_of(step.args[arg]), Role::Ids) {
            return true;
        }
        arg += 1;
    }
    false
}

pub(super) const fn wide(shape: Shape) -> Result<Shape, Wrong> {
    if shape.known() { Ok(shape) } else { Err(Wrong::TooManyAxes) }
}

const fn lacks(shape: &Shape, over: &Shape) -> Option<u8> {
    if !shape.known() {
        return None;
    }
    let mut i = 0;
    while i < over.rank() {
        if !shape.has(over.axis(i)) {
            return Some(over.axis(i));
        }
        i += 1;
    }
    None
}

/// The shape with one axis in place of another, which it must not have already.
const fn replaced(shape: &Shape, old: u8, new: u8) -> Result<Shape, Wrong> {
    if old != new && shape.has(new) {
        return Err(Wrong::AxisTwice { axis: new, shape: *shape });
    }
    Ok(shape.replace(old, new))
}

/// The shape of a view.
const fn viewed(op: &Op<'_>, shape: &Shape, of: &Shape, to: &Shape) -> Result<Shape, Wrong> {
    if !shape.known() {
        return Ok(Shape::UNKNOWN);
    }
    if let Some(axis) = lacks(shape, of) {
        return Err(Wrong::NoAxis { axis, shape: *shape });
    }
    let (left, mut i) = (shape.minus(of), 0);
    while i < to.rank() {
        if left.has(to.axis(i)) {
            return Err(Wrong::AxisTwice { axis: to.axis(i), shape: *shape });
        }
        i += 1;
    }
    if let Some((keep, searched)) = fewer(op, of) {
        return Err(Wrong::Kept { keep, of: searched });
    }
    if let Some((at, width)) = padded(op, of, to) {
        return Err(Wrong::Thinned { s: at, t: width });
    }
    if let Some((s, t)) = op.mask.axes() {
        let (seen, pairs) = (shape.seen(of, to), shape.has(s) && shape.has(t));
        let touched = of.has(s) || of.has(t) || to.has(s) || to.has(t);
        if touched && (pairs || seen.has(s) && seen.has(t)) {
            return Err(Wrong::Thinned { s, t });
        }
    }
    if !op.as_many(of, to) {
        return Err(Wrong::NotAsMany { of: *of, to: *to });
    }
    wide(shape.seen(of, to))
}

/// An axis of a shape along which `top` may find fewer than its size, and the one that it searches.
const fn fewer(op: &Op<'_>, shape: &Shape) -> Option<(u8, u8)> {
    let mut n = 0;
    while let Some((keep, of)) = kept(op, n) {
        if shape.has(keep) {
            return Some((keep, of));
        }
        n += 1;
    }
    None
}
