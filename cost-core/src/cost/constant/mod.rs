//! Counts at compile time.
//!
//! Constant functions can't be generic over the kind of number, so this is a second evaluation of the same counts
//! ([`crate::count`]), held to the first by tests.

macro_rules! some {
    ($value:expr) => {
        match $value {
            Some(value) => value,
            None => return None,
        }
    };
}

mod mask;

use crate::check::unsound;
use crate::count::{Unit, kept, token_axes, widening, work, works_on};
use crate::op::{Arg, Call, Count, Dim, Kind, Loop, Op, Quotient, Role, Shape, Step, Term, Windows};
use crate::text::same;
use mask::masked;

/// Most axes that one operator can have: they are numbered in a byte.
pub const MAX_AXES: usize = 255;

/// FLOPs of one run of an operator, exact masking, 16-bit formats but for those that it declares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts {
    /// In summed products, 2 for each multiply-add.
    pub matmul: u128,
    /// In everything else.
    pub vector: u128,
}

/// The number of parameters of an operator: its weights' elements, repetitions and experts included, shared ones once.
///
/// Nothing if a count overflows or sizes don't go together (a negative one, a condition above 1, more experts used than
/// there are), aren't as many as the axes; or if the description isn't [sound](crate::check::sound).
pub const fn params(op: &Op<'_>, sizes: &[u64]) -> Option<u128> {
    if sizes.len() != op.axes.len() || unsound(op).is_some() {
        return None;
    }
    weights(op, &some!(derived(op, widened(sizes))), None)
}

/// The FLOPs of an operator. Nothing if a count overflows or sizes don't go together, such as more queries than keys, or
/// as [`params`].
pub const fn counts(op: &Op<'_>, sizes: &[u64]) -> Option<Counts> {
    if sizes.len() != op.axes.len() || unsound(op).is_some() {
        return None;
    }
    let sizes = some!(derived(op, widened(sizes)));
    flops(op, &sizes, &sizes)
}

/// The count, where its overflow is a mistake of whoever wrote the sizes.
///
/// # Panics
///
/// If there is none.
#[track_caller]
pub const fn known<T: Copy>(count: Option<T>) -> T {
    match count {
        Some(count) => count,
        None => panic!("a count doesn't fit in 128 bits, the sizes don't go together, or the declaration has errors"),
    }
}

type Sizes = [u128; MAX_AXES];

const fn widened(sizes: &[u64]) -> Sizes {
    let mut wide = [0; MAX_AXES];
    let mut i = 0;
    while i < sizes.len() && i < MAX_AXES {
        wide[i] = sizes[i] as u128;
        i += 1;
    }
    wide
}

#[derive(Clone, Copy)]
struct Caller<'c, 'a> {
    op: &'c Op<'a>,
    step: &'c Step<'a>,
    call: &'c Call<'a>,
}

const fn weights(op: &Op<'_>, sizes: &Sizes, caller: Option<Caller<'_, '_>>) -> Option<u128> {
    let mut sum: u128 = 0;
    let mut i = 0;
    while i < op.inputs.len() {
        let shared = match caller {
            Some(Caller { op, step, call }) => op.passed(step, call, i).is_some(),
            None => false,
        };
        if matches!(op.inputs[i].role, Role::Weight) && !shared {
            #[expect(clippy::cast_possible_truncation, reason = "an operator has fewer inputs than that")]
            let mut present = some!(read_at_all(op, sizes, i as u16)) as u128;
            if let Some(tied) = op.inputs[i].tied {
                present = some!(present.checked_mul(some!(1_u128.checked_sub(sizes[tied.when as usize]))));
            }
            if let Some(part) = op.inputs[i].part
                && same(part, "buffer")
            {
                present = 0;
            }
            // A parameter is there whole, whatever a mask leaves to be read.
            let elements = some!(whole(sizes, &op.inputs[i].shape));
            sum = some!(sum.checked_add(some!(elements.checked_mul(present))));
        }
        i += 1;
    }
    let mut step = 0;
    while step < op.steps.len() {
        if let Kind::Call(call) = &op.steps[step].kind {
            let mut copies = some!(repeats(op, sizes, step));
            if let Some(experts) = call.experts {
                if sizes[experts.top as usize] > sizes[experts.count as usize] {
                    return None;
                }
                copies = some!(copies.checked_mul(sizes[experts.count as usize]));
            }
            let inner = some!(entered(op, sizes, call));
            let one = some!(weights(call.op, &inner, Some(Caller { op, step: &op.steps[step], call })));
            sum = some!(sum.checked_add(some!(one.checked_mul(copies))));
        }
        step += 1;
    }
    Some(sum)
}

/// Whether any use of a parameter is left by the conditions around it, here and in what it is handed to.
const fn read_at_all(op: &Op<'_>, sizes: &Sizes, value: u16) -> Option<bool> {
    if op.output(value).is_some() {
        return Some(true);
    }
    let (mut uses, mut step) = (false, 0);
    while step < op.steps.len() {
        let mut arg = 0;
        while arg < op.steps[step].args.len() {
            if is(Some(op.steps[step].args[arg]), value) {
                if some!(conditioned(op, sizes, step)) && some!(taken(op, sizes, step, value)) {
                    return Some(true);
                }
                uses = true;
            }
            arg += 1;
        }
        step += 1;
    }
    // What nothing mentions at all is no matter of conditions.
    Some(!uses)
}

const fn is(arg: Option<Arg>, value: u16) -> bool {
    matches!(arg, Some(Arg::Value(other)) if other == value)
}

/// Whether the conditions around a step let it run.
const fn conditioned(op: &Op<'_>, sizes: &Sizes, step: usize) -> Option<bool> {
    let (mut runs, mut l) = (true, 0);
    while l < op.loops.len() {
        if op.loops[l].guard && op.loops[l].encloses(step) {
            runs = some!(times(sizes, &op.loops[l])) == 1 && runs;
        }
        l += 1;
    }
    Some(runs)
}

/// Whether a step that uses a value reads it, or calls what does.
const fn taken(op: &Op<'_>, sizes: &Sizes, step: usize, value: u16) -> Option<bool> {
    let Kind::Call(call) = &op.steps[step].kind else {
        return Some(true);
    };
    let (inner, mut input) = (some!(entered(op, sizes, call)), 0);
    while input < call.op.inputs.len() {
        #[expect(clippy::cast_possible_truncation, reason = "an operator has fewer inputs than that")]
        if is(op.passed(&op.steps[step], call, input), value) && some!(read_at_all(call.op, &inner, input as u16)) {
            return Some(true);
        }
        input += 1;
    }
    Some(false)
}

/// `given` are the sizes as they were asked for, where `top` has found fewer.
const fn flops(op: &Op<'_>, given: &Sizes, sizes: &Sizes) -> Option<Counts> {
    let sizes = &some!(capped(op, given, *sizes));
    let mut sum = Counts { matmul: 0, vector: 0 };
    let mut step = 0;
    while step < op.steps.len() {
        let times = some!(repeats(op, sizes, step));
        let one = if let Kind::Call(call) = &op.steps[step].kind {
            some!(called(op, given, sizes, call, op.value_of(step)))
        } else if let Some(work) = work(op, step) {
            let amount = some!(some!(worked(op, given, sizes, step, &work.over)).checked_mul(work.flops as u128));
            match work.unit {
                Unit::Matmul => Counts { matmul: amount, vector: 0 },
                Unit::Vector => Counts { matmul: 0, vector: amount },
                // Nothing to widen in a 16-bit format.
                Unit::Dequant => {
                    let each = widening(op.format_of(op.steps[step].args[0])) as u128;
                    Counts { matmul: 0, vector: some!(amount.checked_mul(each)) }
                }
            }
        } else {
            Counts { matmul: 0, vector: 0 }
        };
        sum = some!(plus(sum, one, times));
        step += 1;
    }
    Some(sum)
}

/// Sizes with no more kept along an axis than there is: what `top` finds. Nothing if a size is given in terms of one that is
/// so made smaller.
const fn capped(op: &Op<'_>, given: &Sizes, mut sizes: Sizes) -> Option<Sizes> {
    let mut n = 0;
    while let Some((keep, of)) = kept(op, n) {
        if sizes[of as usize] < sizes[keep as usize] {
            sizes[keep as usize] = sizes[of as usize];
        }
        n += 1;
    }
    let (again, mut i) = (some!(derived(op, sizes)), 0);
    while i < op.derived.len() {
        let axis = op.derived[i].axis as usize;
        if again[axis] != given[axis] {
            return None;
        }
        i += 1;
    }
    Some(sizes)
}

const fn called(op: &Op<'_>, given: &Sizes, sizes: &Sizes, call: &Call<'_>, value: u16) -> Option<Counts> {
    let mut inner = (some!(entered(op, given, call)), some!(entered(op, sizes, call)));
    let Some(experts) = call.experts else {
        return flops(call.op, &inner.0, &inner.1);
    };
    let (count, top) = (sizes[experts.count as usize], sizes[experts.top as usize]);
    if top > count {
        return None;
    }
    let (mut times, mut results) =
        (top, some!(some!(elements(op, given, sizes, &op.shapes[value as usize])).checked_mul(top)));
    if let Some(capacity) = experts.capacity {
        let rows = count_of(sizes, capacity);
        if rows == 0 {
            return None;
        }
        inner = (some!(crowded(call.op, inner.0, rows)), some!(crowded(call.op, inner.1, rows)));
        let all = some!(elements(call.op, &inner.0, &inner.1, &call.op.outputs[0].shape));
        let all = some!(all.checked_mul(count));
        (times, results) = (count, if all < results { all } else { results });
    }
    let one = some!(flops(call.op, &inner.0, &inner.1));
    let zero = Counts { matmul: 0, vector: 0 };
    let combined = some!(results.checked_mul(1 + experts.gated as u128));
    plus(some!(plus(zero, one, times)), Counts { matmul: 0, vector: combined }, 1)
}

/// Sizes of an expert's axes with so many rows in place of all tokens.
const fn crowded(op: &Op<'_>, mut sizes: Sizes, rows: u128) -> Option<Sizes> {
    let (tokens, mut i) = (token_axes(op), 0);
    while i < tokens.rank() {
        sizes[tokens.axis(i) as usize] = if i + 1 == tokens.rank() { rows } else { 1 };
        i += 1;
    }
    derived(op, sizes)
}

const fn plus(sum: Counts, one: Counts, times: u128) -> Option<Counts> {
    Some(Counts {
        matmul: some!(sum.matmul.checked_add(some!(one.matmul.checked_mul(times)))),
        vector: some!(sum.vector.checked_add(some!(one.vector.checked_mul(times)))),
    })
}

const fn repeats(op: &Op<'_>, sizes: &Sizes, step: usize) -> Option<u128> {
    let mut product: u128 = 1;
    let mut i = 0;
    while i < op.loops.len() {
        if op.loops[i].encloses(step) {
            product = some!(product.checked_mul(some!(times(sizes, &op.loops[i]))));
        }
        i += 1;
    }
    Some(product)
}

/// How often a loop runs; nothing if a condition is neither 0 nor 1.
const fn times(sizes: &Sizes, it: &Loop<'_>) -> Option<u128> {
    match dim(sizes, &it.times) {
        Some(times) if it.guard && times > 1 => None,
        times => times,
    }
}

const fn entered(op: &Op<'_>, sizes: &Sizes, call: &Call<'_>) -> Option<Sizes> {
    let mut inner = [0; MAX_AXES];
    let mut axis = 0;
    while axis < call.op.axes.len() {
        if !call.op.derives(axis) {
            inner[axis] = some!(dim(sizes, &some!(op.bound(call, axis))));
        }
        axis += 1;
    }
    derived(call.op, inner)
}

/// Sizes with those filled in that are given in terms of others.
const fn derived(op: &Op<'_>, mut sizes: Sizes) -> Option<Sizes> {
    let mut i = 0;
    while i < op.derived.len() {
        sizes[op.derived[i].axis as usize] = some!(dim(&sizes, &op.derived[i].dim));
        i += 1;
    }
    Some(sizes)
}

const fn dim(sizes: &Sizes, dim: &Dim<'_>) -> Option<u128> {
    let terms = match dim {
        Dim::Axis(axis) => return Some(sizes[*axis as usize]),
        Dim::Sum(terms) => terms,
    };
    let (mut plus, mut minus): (u128, u128) = (0, 0);
    let mut i = 0;
    while i < terms.len() {
        let product = some!(term(sizes, &terms[i]));
        if terms[i].coefficient < 0 {
            minus = some!(minus.checked_add(product));
        } else {
            plus = some!(plus.checked_add(product));
        }
        i += 1;
    }
    plus.checked_sub(minus)
}

/// A term, without its sign.
const fn term(sizes: &Sizes, it: &Term<'_>) -> Option<u128> {
    let mut product = it.coefficient.unsigned_abs() as u128;
    let mut i = 0;
    while i < it.axes.len() {
        product = some!(product.checked_mul(sizes[it.axes[i] as usize]));
        i += 1;
    }
    let mut i = 0;
    while i < it.quotients.len() {
        let Quotient { above, below, up } = &it.quotients[i];
        let (above, below) = (some!(dim(sizes, above)), some!(dim(sizes, below)));
        let (whole, rest) = (some!(above.checked_div(below)), some!(above.checked_rem(below)));
        let quotient = if *up && rest > 0 { whole + 1 } else { whole };
        product = some!(product.checked_mul(quotient));
        i += 1;
    }
    Some(product)
}

/// All elements of a shape.
const fn whole(sizes: &Sizes, shape: &Shape) -> Option<u128> {
    let (mut product, mut i) = (1_u128, 0);
    while i < shape.rank() {
        product = some!(product.checked_mul(sizes[shape.axis(i) as usize]));
        i += 1;
    }
    Some(product)
}

const fn elements(op: &Op<'_>, given: &Sizes, sizes: &Sizes, shape: &Shape) -> Option<u128> {
    masked(op, given, sizes, shape, &Shape::SCALAR)
}

/// The elements that a step goes through: all but those in the padding of windows.
const fn worked(op: &Op<'_>, given: &Sizes, sizes: &Sizes, step: usize, shape: &Shape) -> Option<u128> {
    let (mut product, mut axes, mut at) = (1, Shape::SCALAR, 0);
    while at < op.steps.len() {
        if let Kind::Windows(it) = &op.steps[at].kind {
            // Impossible windows are no others'.
            let pairs = some!(seen(sizes, it));
            if shape.has(it.at)
                && shape.has(it.width)
                && !axes.has(it.at) | !axes.has(it.width)
                && works_on(op, step, it)
            {
                product = some!(u128::checked_mul(product, pairs));
                axes = axes.with(it.at).with(it.width);
            }
        }
        at += 1;
    }
    product.checked_mul(some!(masked(op, given, sizes, shape, &axes)))
}

/// Pairs of a window and a position that it sees; nothing if there can't be such windows.
const fn seen(sizes: &Sizes, it: &Windows) -> Option<u128> {
    let (count, width, of) = (sizes[it.at as usize], sizes[it.width as usize], sizes[it.of as usize]);
    let (stride, pad) = (count_of(sizes, it.stride), count_of(sizes, it.pad));
    if stride == 0 || pad >= width {
        return None;
    }
    if count == 0 {
        return Some(0);
    }
    let end = some!(some!((count - 1).checked_mul(stride)).checked_add(width));
    let limit = some!(of.checked_add(pad));
    if end > some!(limit.checked_add(pad)) {
        return None;
    }
    let all = some!(count.checked_mul(width));
    let left = some!(missed(count, stride, pad));
    some!(all.checked_sub(left)).checked_sub(some!(missed(count, stride, end.saturating_sub(limit))))
}

/// Positions in the padding on one side, of which the outermost window misses so many and each further one a stride less.
const fn missed(count: u128, stride: u128, most: u128) -> Option<u128> {
    let windows = most.div_ceil(stride);
    let windows = if count < windows { count } else { windows };
    let less = some!(stride.checked_mul(windows * windows.saturating_sub(1) / 2));
    some!(windows.checked_mul(most)).checked_sub(less)
}

const fn count_of(sizes: &Sizes, count: Count) -> u128 {
    match count {
        Count::Number(number) => number as u128,
        Count::Axis(axis) => sizes[axis as usize],
    }
}

/// `n(n + 1)/2`
const fn triangle(n: u128) -> Option<u128> {
    let next = some!(n.checked_add(1));
    if n.is_multiple_of(2) { (n / 2).checked_mul(next) } else { n.checked_mul(next / 2) }
}
