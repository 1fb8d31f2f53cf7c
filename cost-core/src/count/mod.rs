//! What each step counts and each kernel moves, as shapes: no sizes yet.
//!
//! Everything here is constant, and the same for every way of evaluating it.

mod experts;
mod kept;
mod partition;
mod rows;
mod windows;

pub use experts::{dealt_out, sliced, token_axes, weight_axes};
pub(crate) use kept::{all_kept, keeps, kept};
pub use partition::{NO_KERNEL, Partition};
pub use rows::{factor, rows};
pub use windows::works_on;

use crate::format::Format;
use crate::op::{Arg, Kind, Loop, Op, Shape};

/// Which units do the work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Matrix units, for products that are summed.
    Matmul,
    /// Vector units, for everything else.
    Vector,
    /// Vector units, as often per element as the operand's format takes to widen.
    Dequant,
}

/// The work of one step: so many FLOPs for each element of a shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Work {
    /// Which units do it.
    pub unit: Unit,
    /// FLOPs per element.
    pub flops: u64,
    /// The elements.
    pub over: Shape,
}

/// The work of a step; nothing for steps that only move data, and for calls.
pub const fn work(op: &Op<'_>, step: usize) -> Option<Work> {
    let it = &op.steps[step];
    let own = &op.shapes[op.value_of(step) as usize];
    let (unit, flops, over) = match it.kind {
        Kind::Dot(_) => (Unit::Matmul, 2, arg_shape(op, it.args[0]).union(&arg_shape(op, it.args[1]))),
        Kind::Zip(_) => (Unit::Vector, 1, *own),
        Kind::Map(map) => (Unit::Vector, map.flops(), *own),
        Kind::Reduce(..) | Kind::Top { .. } => (Unit::Vector, 1, arg_shape(op, it.args[0])),
        Kind::Norm(norm, _) => (Unit::Vector, norm.flops(), *own),
        Kind::Dequant => (Unit::Dequant, 1, *own),
        Kind::Cast => (Unit::Vector, 1 + widening(it.format), *own),
        _ => return None,
    };
    Some(Work { unit, flops, over })
}

/// FLOPs to widen an element of a format; none where it isn't fixed.
pub const fn widening(format: Option<Format>) -> u64 {
    match format {
        Some(format) => format.dequant_flops(),
        None => 0,
    }
}

/// Elements that a kernel reads or writes.
#[derive(Clone, Copy, Debug)]
pub struct Moved {
    /// The value whose role and format they have.
    pub value: u16,
    /// Their shape.
    pub shape: Shape,
    /// Which rows of them, if not all.
    pub rows: Option<Rows>,
    /// The step at which they are moved.
    pub at: usize,
    /// The step whose conditions apply.
    pub step: usize,
    /// Whether the conditions around the step apply.
    pub guarded: bool,
    /// Whether it is seen through windows.
    pub windowed: bool,
}

/// The rows of a table that ids name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rows {
    /// The axis of the table's rows.
    pub of: u8,
    /// The value that holds the ids.
    pub ids: u16,
}

/// What an operand makes its step's kernel read, if the kernel doesn't have it on chip: by this use of it alone. What several
/// uses read of one tensor is read once.
pub fn read(op: &Op<'_>, parts: &Partition, step: usize, arg: usize) -> Option<Moved> {
    let kernel = parts.of(step);
    let Arg::Value(value) = op.steps[step].args[arg] else {
        return None;
    };
    let skipped = match op.steps[step].kind {
        Kind::Append(_) | Kind::Write(_) => arg == 0,
        Kind::Call(_) | Kind::Output(_) => true,
        // A conditional variable that is a cache is that cache.
        Kind::Carry => parts.owned(step),
        _ => false,
    };
    if skipped || kernel == NO_KERNEL || parts.home(op, value) == kernel {
        return None;
    }
    let rows = match (op.steps[step].kind, op.steps[step].args) {
        (Kind::Gather(of) | Kind::Take { of, .. }, [_, Arg::Value(ids)]) if arg == 0 => Some(Rows { of, ids: *ids }),
        _ => None,
    };
    // What a conditional variable was before is read even without the condition, if the kernel goes on to use it.
    let carried = matches!(op.steps[step].kind, Kind::Carry) && used_after(op, parts, step);
    let guarded = parts.guards(op, step).next().is_some() && !carried;
    // Rows are along an axis of the value as it is seen here.
    let shape = if rows.is_some() { op.shapes[usize::from(value)] } else { shown(op, value) };
    let windowed = shows_windows(op, value);
    Some(Moved { value: parts.origin(op, value), shape, rows, at: step, step, guarded, windowed })
}

/// Whether a value shows windows of another, which overlap and of which some positions may be in the padding.
pub(crate) const fn shows_windows(op: &Op<'_>, value: u16) -> bool {
    let mut value = value;
    while let Some(step) = op.step_of(value) {
        match (&op.steps[step].kind, op.steps[step].args) {
            (Kind::Windows(_), _) => return true,
            (Kind::Last { .. } | Kind::View { .. }, [Arg::Value(of)]) => value = *of,
            _ => return false,
        }
    }
    false
}

/// The shape of a value in the axes of what it shows. Of key positions a mask may leave only some, so they stay what they are.
fn shown(op: &Op<'_>, value: u16) -> Shape {
    let (mut shape, mut value) = (op.shapes[usize::from(value)], value);
    while let Some(step) = op.step_of(value) {
        let Some(before) = op.steps[step].args.first().and_then(|arg| arg.value()) else { break };
        match op.steps[step].kind {
            Kind::View { of, to } => {
                if op.mask.axes().is_some_and(|(_, t)| to.has(t)) || !shape.covers(&to) {
                    break;
                }
                shape = shape.seen(&to, &of);
            }
            Kind::Last { .. } | Kind::Windows(_) => {}
            _ => break,
        }
        value = before;
    }
    shape
}

/// What a step writes to memory: new rows of a cache, or a value that leaves its kernel.
pub fn written(op: &Op<'_>, parts: &Partition, step: usize) -> Option<Moved> {
    let kernel = parts.of(step);
    if kernel == NO_KERNEL {
        return None;
    }
    let value = op.value_of(step);
    let moved =
        |value, shape, under| Moved { value, shape, rows: None, at: step, step: under, guarded: true, windowed: false };
    let kept = match op.steps[step].kind {
        Kind::Append(_) => Some(arg_shape(op, op.steps[step].args[1])),
        Kind::Write(_) => Some(op.shapes[value as usize]),
        _ => None,
    };
    if let Some(shape) = kept {
        return Some(moved(parts.origin(op, value), shape, step));
    }
    // What is in memory, handed back as such, and a view of what is written anyway need no copy.
    let handed_back = op.output(value).is_some_and(|number| op.outputs[number].role.ownable());
    let view = op.steps[step].kind.is_view();
    if handed_back || view && parts.leaves(op, parts.origin(op, value), kernel) {
        return None;
    }
    // A view of a conditional variable is under its conditions.
    let at = match op.step_of(parts.origin(op, value)) {
        Some(at) if matches!(op.steps[at].kind, Kind::Carry) => at,
        _ => step,
    };
    let store = matches!(op.steps[step].kind, Kind::Store);
    (store || parts.leaves(op, value, kernel)).then(|| moved(value, op.shapes[value as usize], at))
}

/// Whether a kernel computes anything that has an axis: only then does it run over tiles of it.
pub fn runs_over(op: &Op<'_>, parts: &Partition, kernel: u16, axis: u8) -> bool {
    let mut step = 0;
    while step < op.steps.len() {
        if parts.of(step) == kernel {
            let mut arg = 0;
            while arg < op.steps[step].args.len() {
                if arg_shape(op, op.steps[step].args[arg]).has(axis) {
                    return true;
                }
                arg += 1;
            }
            if op.shapes[op.value_of(step) as usize].has(axis) {
                return true;
            }
        }
        step += 1;
    }
    false
}

/// The value that holds the data: views and appended caches are followed to what they show.
pub const fn origin(op: &Op<'_>, value: u16) -> u16 {
    let mut value = value;
    while let Some(step) = op.step_of(value) {
        match op.steps[step].kind {
            // What a loop makes of a cache is still the cache.
            Kind::Carry if !op.role_of(Arg::Value(value)).ownable() => return value,
            Kind::Append(_)
            | Kind::Write(_)
            | Kind::Last { .. }
            | Kind::View { .. }
            | Kind::Windows(_)
            | Kind::Carry => match op.steps[step].args[0] {
                Arg::Value(of) => value = of,
                Arg::Number(_) => return value,
            },
            _ => match op.handed_back(value) {
                Some(of) => value = of,
                None => return value,
            },
        }
    }
    value
}

/// The conditions that every use of a value is under: only then does the value exist at all.
pub fn presence(op: &Op<'_>, value: u16) -> impl Iterator<Item = usize> {
    let uses = move || op.steps.iter().enumerate().filter(move |(_, it)| it.args.contains(&Arg::Value(value)));
    // What is returned is used outside, under no condition.
    let first = if op.output(value).is_some() { None } else { uses().next().map(|(step, _)| step) };
    let around = move |it: &Loop<'_>| it.guard && first.is_some_and(|step| it.encloses(step));
    (0..op.loops.len()).filter(move |it| {
        let it = &op.loops[*it];
        around(it) && uses().all(|(step, _)| it.encloses(step))
    })
}

/// The conditions that one use of a value is under, but for those that every use is under.
pub fn further_conditions(op: &Op<'_>, step: usize, value: u16) -> impl Iterator<Item = usize> {
    let of_all: Vec<usize> = presence(op, value).collect();
    let further = move |it: &Loop<'_>| it.guard && it.encloses(step);
    (0..op.loops.len()).filter(move |it| further(&op.loops[*it]) && !of_all.contains(it))
}

/// Whether a conditional variable is used in its kernel after its condition.
fn used_after(op: &Op<'_>, parts: &Partition, carry: usize) -> bool {
    let value = op.value_of(carry);
    let mut step = carry + 1;
    while step < op.steps.len() {
        let mut arg = 0;
        while arg < op.steps[step].args.len() {
            if let Arg::Value(used) = op.steps[step].args[arg]
                && used == value
                && parts.of(step) == parts.of(carry)
                && !parts.guards(op, carry).any(|it| op.loops[it].encloses(step))
            {
                return true;
            }
            arg += 1;
        }
        step += 1;
    }
    false
}

const fn arg_shape(op: &Op<'_>, arg: Arg) -> Shape {
    match arg {
        Arg::Value(value) => op.shapes[value as usize],
        Arg::Number(_) => Shape::SCALAR,
    }
}
