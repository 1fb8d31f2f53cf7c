//! Whether a description's parts go together: what the macro makes does, what is built at run time may not.
//!
//! Every reader of descriptions relies on it: lists are as long as others say, values are made before they are used, axes
//! exist, loops are nested. Shapes are another matter, see [`super::fault`].

use crate::cost::MAX_AXES;
use crate::error::{Error, Result};
use crate::op::{
    Arg, Call, Count, Dim, Input, Kind, Loop, MAX_QUOTIENTS, MAX_STEPS, Op, Output, Quotient, Shape, Step, Windows,
    call_args,
};

/// Most parameters that one operator can have.
pub const MAX_INPUTS: usize = 1024;

/// Most tensors that one operator can return.
pub const MAX_OUTPUTS: usize = 16;

/// Most calls inside one another.
pub const MAX_DEPTH: usize = 64;

/// Most searches with `top`, the callees' at each of their calls.
pub const MAX_SEARCHES: usize = 256;

/// Most operators that one stands for, its callees at each of their calls.
pub const MAX_CALLS: usize = 1 << 14;

/// What is wrong with a description, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unsound<'o> {
    /// The operator.
    pub op: &'o str,
    /// What is wrong, and with which of its parts.
    pub what: &'static str,
    /// The number of that part: a step, a parameter, a loop.
    pub at: usize,
}

/// An error if an operator, or one that it calls, is no description of anything.
pub fn sound(op: &Op<'_>) -> Result<()> {
    extent(op).map(drop)
}

/// What a description comes to with all that it calls, at each call.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Extent {
    operators: usize,
    depth: usize,
    searches: usize,
    /// Whether anything is called inline.
    pub(crate) inlines: bool,
}

/// The extent of an operator; an error if it, or one that it calls, is no description of anything.
pub(crate) fn extent(op: &Op<'_>) -> Result<Extent> {
    let found = extent_of(op, 0, 0, &mut Vec::with_capacity(16));
    let found = found.and_then(|extent| too_many(op, extent.searches).map_or(Ok(extent), Err));
    found.map_err(|Unsound { op, what, at }| Error::Description {
        op: op.to_owned(),
        message: format!("{what} (number {at}, counted from 0)"),
    })
}

/// As [`visit`], but operators that are called several times are looked at once: `known` has their extents.
fn extent_of<'o>(
    op: &'o Op<'o>,
    depth: usize,
    before: usize,
    known: &mut Vec<(&'o Op<'o>, Extent)>,
) -> core::result::Result<Extent, Unsound<'o>> {
    let fits = |it: &Extent| depth + it.depth <= MAX_DEPTH && before + it.operators <= MAX_CALLS;
    if let Some((_, extent)) = known.iter().find(|(it, extent)| core::ptr::eq(*it, op) && fits(extent)) {
        return Ok(*extent);
    }
    body(op, depth, before)?;
    let mut all = Extent { operators: 1, depth: 1, searches: 0, inlines: false };
    for (at, it) in op.steps.iter().enumerate() {
        step(op, at)?;
        match &it.kind {
            Kind::Top { .. } => all.searches += 1,
            Kind::Call(call) => {
                let inner = extent_of(call.op, depth + 1, before + all.operators, known)?;
                all.operators += inner.operators;
                all.depth = all.depth.max(1 + inner.depth);
                all.searches += inner.searches;
                all.inlines |= call.op.inline || inner.inlines;
            }
            _ => {}
        }
    }
    known.push((op, all));
    Ok(all)
}

/// What is wrong with an operator, or with one that it calls.
pub const fn unsound<'o>(op: &Op<'o>) -> Option<Unsound<'o>> {
    match visit(op, 0, 0) {
        Ok(_) => too_many(op, searches(op, 0)),
        Err(unsound) => Some(unsound),
    }
}

/// What is wrong with an operator that searches so often.
const fn too_many<'o>(op: &Op<'o>, searches: usize) -> Option<Unsound<'o>> {
    let what = "calls come to more than 256 searches with `top`";
    if searches > MAX_SEARCHES { Some(Unsound { op: op.name, what, at: MAX_SEARCHES }) } else { None }
}

/// How often `top` searches, here and in what is called, with what was counted before; no further than there can be.
const fn searches(op: &Op<'_>, before: usize) -> usize {
    let (mut count, mut step) = (before, 0);
    while step < op.steps.len() && count <= MAX_SEARCHES {
        match &op.steps[step].kind {
            Kind::Top { .. } => count += 1,
            Kind::Call(call) => count = searches(call.op, count),
            _ => {}
        }
        step += 1;
    }
    count
}

/// Stops with what is wrong unless something holds.
macro_rules! must {
    ($holds:expr, $op:expr, $at:expr, $what:literal) => {
        if !$holds {
            return Err(Unsound { op: $op.name, what: $what, at: $at });
        }
    };
}

type Checked<'o> = core::result::Result<(), Unsound<'o>>;

/// The number of operators visited so far, with this one and all that it calls.
const fn visit<'o>(op: &Op<'o>, depth: usize, before: usize) -> core::result::Result<usize, Unsound<'o>> {
    if let Err(unsound) = body(op, depth, before) {
        return Err(unsound);
    }
    let (mut visited, mut at) = (before + 1, 0);
    while at < op.steps.len() {
        if let Err(unsound) = step(op, at) {
            return Err(unsound);
        }
        if let Kind::Call(call) = &op.steps[at].kind {
            visited = match visit(call.op, depth + 1, visited) {
                Ok(visited) => visited,
                Err(unsound) => return Err(unsound),
            };
        }
        at += 1;
    }
    Ok(visited)
}

/// All of an operator but its steps, at that depth and after so many others.
const fn body<'o>(op: &Op<'o>, depth: usize, before: usize) -> Checked<'o> {
    must!(!op.failed, op, 0, "its declaration failed");
    must!(depth < MAX_DEPTH, op, depth, "calls are nested more than 64 deep");
    must!(before < MAX_CALLS, op, before + 1, "calls come to more than 16384 operators");
    must!(op.axes.len() <= MAX_AXES, op, op.axes.len(), "it has more than 255 axes");
    must!(op.inputs.len() <= MAX_INPUTS, op, op.inputs.len(), "it has more than 1024 parameters");
    must!(op.steps.len() <= MAX_STEPS, op, op.steps.len(), "it has more than 4096 steps");
    let values = op.inputs.len() + op.steps.len();
    must!(op.shapes.len() == values, op, op.shapes.len(), "it hasn't one shape for each value");
    must!(
        !op.outputs.is_empty() && op.outputs.len() <= MAX_OUTPUTS,
        op,
        op.outputs.len(),
        "it returns none or more than 16"
    );
    let mut i = 0;
    while i < op.outputs.len() {
        let Output { value, shape, .. } = &op.outputs[i];
        must!((*value as usize) < values, op, i, "its result is no value");
        must!(known(op, shape), op, i, "the shape that it returns isn't known, or has an axis that isn't there");
        i += 1;
    }
    must!(op.loops.len() <= MAX_STEPS, op, op.loops.len(), "it has more than 4096 loops");
    match tensors(op) {
        Ok(()) => loops(op),
        Err(unsound) => Err(unsound),
    }
}

/// The parameters, the shapes of all values, the mask and the tile.
const fn tensors<'o>(op: &Op<'o>) -> Checked<'o> {
    let mut i = 0;
    while i < op.shapes.len() {
        must!(known(op, &op.shapes[i]), op, i, "the shape of a value isn't known, or has an axis that isn't there");
        i += 1;
    }
    let mut i = 0;
    while i < op.inputs.len() {
        let Input { shape, tied, .. } = &op.inputs[i];
        // Then it has no other axes than its value, which are there.
        must!(shape.known() && shape.same(&op.shapes[i]), op, i, "a parameter has another shape than its value");
        if let Some(tied) = tied {
            let to = tied.to as usize;
            must!(to < op.inputs.len() && to != i && axis(op, tied.when), op, i, "a parameter is tied to none");
        }
        i += 1;
    }
    let mut i = 0;
    while i < op.derived.len() {
        must!(defined(op, i), op, i, "the size of an axis is in terms of what isn't there, or doesn't come before it");
        i += 1;
    }
    if let Some((s, t)) = op.mask.axes() {
        let right = s != t && known(op, &op.mask.named());
        must!(right, op, 0, "its mask has an axis that isn't there, or one twice");
    }
    if let Some(tile) = &op.tile {
        must!(axis(op, tile.axis) && dim(op, &tile.size), op, 0, "its tile has an axis that isn't there");
    }
    Ok(())
}

const fn loops<'o>(op: &Op<'o>) -> Checked<'o> {
    let mut i = 0;
    while i < op.loops.len() {
        let Loop { times, start, end, carried, .. } = &op.loops[i];
        let (start, end) = (*start as usize, *end as usize);
        must!(start < end && end <= op.steps.len(), op, i, "a loop has no steps, or some that aren't there");
        must!(dim(op, times), op, i, "a loop's rounds are of an axis that isn't there");
        let mut j = 0;
        while j < i {
            let (from, to) = (op.loops[j].start as usize, op.loops[j].end as usize);
            let inside = from <= start && end <= to;
            must!(inside || to <= start, op, i, "a loop comes before one around it, or overlaps another");
            j += 1;
        }
        let mut j = 0;
        while j < carried.len() {
            let (carry, last) = carried[j];
            let there = start + j < end && carry as usize == op.inputs.len() + start + j;
            must!(
                there && matches!(op.steps[start + j].kind, Kind::Carry),
                op,
                i,
                "a variable that a loop changes isn't among its first steps"
            );
            must!(
                (last as usize) < op.inputs.len() + end,
                op,
                i,
                "a loop's variable becomes a value that isn't there yet"
            );
            j += 1;
        }
        i += 1;
    }
    Ok(())
}

const fn step<'o>(op: &Op<'o>, at: usize) -> Checked<'o> {
    let Step { kind, args, annotated, format, .. } = &op.steps[at];
    let mut i = 0;
    while i < args.len() {
        match args[i] {
            Arg::Value(value) => {
                must!((value as usize) < op.inputs.len() + at, op, at, "a step uses a value that isn't there yet");
            }
            Arg::Number(_) => must!(matches!(kind, Kind::Zip(_)), op, at, "a step uses a number as a tensor"),
        }
        i += 1;
    }
    if let Some(shape) = annotated {
        must!(known(op, shape), op, at, "a step is annotated with an axis that isn't there");
    }
    let (operands, axes) = match kind {
        Kind::Dot(over) => (2, known(op, over)),
        Kind::Zip(_) => (2, true),
        Kind::Write(role) => (2, role.ownable()),
        Kind::Map(_) | Kind::Store | Kind::Dequant => (1, true),
        Kind::Cast => {
            must!(format.is_some(), op, at, "a cast is to no format");
            (1, true)
        }
        Kind::Reduce(_, over) | Kind::Norm(_, over) => (1, known(op, over)),
        Kind::Gather(of) | Kind::Append(of) => (2, axis(op, *of)),
        Kind::Before(of) => (1, axis(op, *of)),
        Kind::Slide { over: a, width: b } | Kind::Among { of: a, by: b } => (2, axis(op, *a) && axis(op, *b)),
        Kind::Put { of, keep } => (3, axis(op, *of) && axis(op, *keep)),
        Kind::Take { of, keep } => (2, axis(op, *of) && axis(op, *keep)),
        Kind::Last { of, keep } | Kind::Top { of, keep } => (1, axis(op, *of) && axis(op, *keep)),
        Kind::Windows(it) => (1, windows(op, it)),
        Kind::View { of, to } => (1, known(op, of) && known(op, to) && of.rank() > 0 && to.rank() > 0),
        Kind::Carry => {
            must!(carried(op, at), op, at, "no loop changes a variable");
            (1, true)
        }
        Kind::Call(call) => return called(op, at, call),
        Kind::Output(_) => {
            must!(op.returned(op.value_of(at)).is_some(), op, at, "a step is for what no call returns");
            (1, true)
        }
    };
    must!(args.len() == operands, op, at, "a step has more or fewer operands than its operation takes");
    must!(axes, op, at, "a step is along an axis that isn't there, or writes what can't be written");
    Ok(())
}

/// Whether all axes of windows are there, and different ones.
const fn windows(op: &Op<'_>, it: &Windows) -> bool {
    let (mut i, counts) = (0, [it.stride, it.pad]);
    while i < counts.len() {
        if let Count::Axis(of) = counts[i]
            && !axis(op, of)
        {
            return false;
        }
        i += 1;
    }
    let apart = it.of != it.width && it.of != it.at && it.width != it.at;
    apart && axis(op, it.of) && axis(op, it.width) && axis(op, it.at)
}

/// Whether a step is a variable of a loop.
const fn carried(op: &Op<'_>, at: usize) -> bool {
    let mut i = 0;
    while i < op.loops.len() {
        let start = op.loops[i].start as usize;
        if start <= at && at < start + op.loops[i].carried.len() {
            return true;
        }
        i += 1;
    }
    false
}

const fn called<'o>(op: &Op<'o>, at: usize, call: &Call<'o>) -> Checked<'o> {
    let it = &op.steps[at];
    let mut i = 0;
    while i < call.bind.len() {
        must!(dim(op, &call.bind[i].dim), op, at, "a call binds an axis to one that isn't there");
        i += 1;
    }
    if let Some(experts) = call.experts {
        let room = match experts.capacity {
            Some(Count::Axis(of)) => axis(op, of),
            _ => true,
        };
        let there = axis(op, experts.count) && axis(op, experts.top) && room;
        must!(there, op, at, "a call has as many experts as an axis that isn't there");
        must!(!experts.gated || !it.args.is_empty(), op, at, "a call of experts lacks its gates");
    }
    let given = call_args(it, call);
    must!(given <= call.op.inputs.len(), op, at, "a call has more operands than what it calls");
    // As `Op::passed` finds them, all in one go.
    let (mut i, mut arg) = if given == call.op.inputs.len() { (given, given) } else { (0, 0) };
    while i < call.op.inputs.len() {
        let role = call.op.inputs[i].role;
        if arg < given && role as u8 == op.role_of(it.args[arg]) as u8 {
            arg += 1;
        } else {
            must!(role.ownable(), op, at, "a call lacks an operand");
        }
        i += 1;
    }
    Ok(())
}

const fn axis(op: &Op<'_>, axis: u8) -> bool {
    (axis as usize) < op.axes.len()
}

const fn known(op: &Op<'_>, shape: &Shape) -> bool {
    let (mut i, rank) = (0, shape.rank());
    while i < rank {
        if !axis(op, shape.axis(i)) {
            return false;
        }
        i += 1;
    }
    shape.known()
}

/// Whether a size is in terms of axes that are there.
const fn dim(op: &Op<'_>, dim: &Dim<'_>) -> bool {
    all(op, dim, None, 0)
}

/// Whether the size of an axis is given once, and in terms of those that aren't or come before.
const fn defined(op: &Op<'_>, at: usize) -> bool {
    let mut i = 0;
    while i < at {
        if op.derived[i].axis == op.derived[at].axis {
            return false;
        }
        i += 1;
    }
    axis(op, op.derived[at].axis) && all(op, &op.derived[at].dim, Some(at), 0)
}

/// Whether all axes of a size are there and, `before` one that is given, known by then.
const fn all(op: &Op<'_>, dim: &Dim<'_>, before: Option<usize>, depth: usize) -> bool {
    let terms = match dim {
        Dim::Axis(of) => return usable(op, *of, before),
        Dim::Sum(terms) => terms,
    };
    let mut i = 0;
    while i < terms.len() {
        let mut j = 0;
        while j < terms[i].axes.len() {
            if !usable(op, terms[i].axes[j], before) {
                return false;
            }
            j += 1;
        }
        let mut j = 0;
        while j < terms[i].quotients.len() {
            let Quotient { above, below, .. } = &terms[i].quotients[j];
            if depth == MAX_QUOTIENTS || !all(op, above, before, depth + 1) || !all(op, below, before, depth + 1) {
                return false;
            }
            j += 1;
        }
        i += 1;
    }
    true
}

const fn usable(op: &Op<'_>, of: u8, before: Option<usize>) -> bool {
    let Some(mut i) = before else { return axis(op, of) };
    while i < op.derived.len() {
        if op.derived[i].axis == of {
            return false;
        }
        i += 1;
    }
    axis(op, of)
}
