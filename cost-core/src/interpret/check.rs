//! Whether an operator can be run at all: on arrays of these sizes, and on these arrays.

use super::array::Array;
use crate::check::{At, fault, infer, sound};
use crate::error::{Error, Result, TwoSizes};
use crate::op::{Call, Count, Experts, Kind, Mask, Op, Shape, Windows};

/// Most elements of an array, and most positions that one step goes through.
pub(super) const MOST: usize = 1 << 24;

/// An error if an operator's description, or that of one that it calls, is wrong in any way that its shapes show.
pub(super) fn described(op: &Op<'_>) -> Result<()> {
    sound(op)?;
    faultless(op)
}

fn faultless(op: &Op<'_>) -> Result<()> {
    let of_step = |step: usize| {
        let binds = if let Kind::Call(call) = op.steps[step].kind { call.bind.len() } else { 0 };
        let args = (0..op.steps[step].args.len()).map(At::Arg);
        [At::Step, At::Annotation].into_iter().chain(args).chain((0..binds).map(At::Bind)).map(move |at| (step, at))
    };
    let mut all =
        (0..op.steps.len()).flat_map(of_step).chain((0..op.outputs.len()).map(|number| (0, At::Returns(number))));
    if let Some(found) = all.find_map(|(step, at)| fault(op, step, at)) {
        let message = found.message(op).as_str().to_owned();
        return Err(Error::Description { op: op.name.to_owned(), message });
    }
    let inferred = infer(op);
    if let Some(value) = (0..inferred.len()).find(|value| op.shapes[*value] != inferred[*value]) {
        let message = format!("value {value} has another shape than is derived for it");
        return Err(Error::Description { op: op.name.to_owned(), message });
    }
    op.steps.iter().try_for_each(|step| if let Kind::Call(call) = step.kind { faultless(call.op) } else { Ok(()) })
}

/// An error if there isn't an array of the right shape for each input.
pub(super) fn given(op: &Op<'_>, sizes: &[usize], inputs: &[Array]) -> Result<()> {
    let wrong = |message: String| Error::Description { op: op.name.to_owned(), message };
    if inputs.len() != op.inputs.len() {
        return Err(wrong(format!("it was given {} arrays; expected {}", inputs.len(), op.inputs.len())));
    }
    for (input, array) in op.inputs.iter().zip(inputs) {
        let expected: Vec<usize> = input.shape.axes().iter().map(|axis| sizes[usize::from(*axis)]).collect();
        if array.sizes != expected || Some(array.data.len()) != elements(&input.shape, sizes) {
            let found = &array.sizes;
            return Err(wrong(format!("{} was given an array of sizes {found:?}; expected {expected:?}", input.name)));
        }
    }
    Ok(())
}

/// An error if sizes don't go together, or if the arrays that they make are too many elements.
pub(super) fn fits(op: &Op<'_>, sizes: &[usize]) -> Result<()> {
    let size = |axis: u8| sizes[usize::from(axis)];
    let named = |axis: u8| (op.axes[usize::from(axis)].to_owned(), size(axis).to_string());
    let two = |part, whole| Box::new(TwoSizes { op: op.name.to_owned(), part: named(part), whole: named(whole) });
    if let Some((s, t)) = op.mask.positions().filter(|(s, t)| size(*s) > size(*t)) {
        return Err(Error::Causal(two(s, t)));
    }
    mask(op, sizes)?;
    for (step, it) in op.steps.iter().enumerate() {
        if let Kind::Windows(it) = &it.kind {
            windows(op, it, sizes)?;
        }
        let part = match it.kind {
            Kind::Last { of, keep } => Some((keep, of)),
            Kind::Append(of) => {
                let shape =
                    |i: usize| it.args.get(i).and_then(|arg| arg.value()).map(|value| op.shapes[usize::from(value)]);
                shape(0).zip(shape(1)).and_then(|(cache, rows)| Some((*rows.minus(&cache).axes().first()?, of)))
            }
            _ => None,
        };
        if let Some((part, whole)) = part.filter(|(part, whole)| size(*part) > size(*whole)) {
            return Err(Error::Part(two(part, whole)));
        }
        if let Kind::Call(call) = it.kind
            && let Some(experts) = call.experts
            && size(experts.top) > size(experts.count)
        {
            let (given, experts) = (size(experts.top).to_string(), size(experts.count).to_string());
            return Err(Error::Experts { given, experts });
        }
        if let Kind::Call(Call { experts: Some(Experts { count, capacity: Some(capacity), .. }), .. }) = it.kind {
            let rows = counted(capacity, sizes);
            let wrong = |message: String| Error::Description { op: op.name.to_owned(), message };
            if rows == 0 {
                return Err(wrong("its experts have room for 0 tokens; expected at least 1".to_owned()));
            }
            if size(count).checked_mul(rows).is_none_or(|rows| rows > MOST) {
                return Err(wrong(format!("its experts have room for more than {MOST} tokens, too many to run it")));
            }
        }
        let operands = it.args.iter().filter_map(|arg| arg.value()).map(|value| op.shapes[usize::from(value)]);
        let all = operands.fold(op.shapes[usize::from(op.value_of(step))], |all, shape| all.union(&shape));
        few(op, &all, sizes)?;
    }
    op.inputs.iter().try_for_each(|input| few(op, &input.shape, sizes))
}

/// An error if there is no such mask.
fn mask(op: &Op<'_>, sizes: &[usize]) -> Result<()> {
    let size = |axis: u8| sizes[usize::from(axis)];
    let wrong = |message: &str| Error::Description { op: op.name.to_owned(), message: message.to_owned() };
    match op.mask {
        Mask::Chunked { w, .. } | Mask::Within { w, .. } if size(w) == 0 => {
            Err(Error::ZeroDivision { dividing: "tokens into chunks" })
        }
        Mask::Around { w, .. } if size(w) == 0 => {
            Err(Error::EmptyWindow { op: op.name.to_owned(), axis: op.axes[usize::from(w)].to_owned() })
        }
        Mask::Selected { block: Some(length), .. } | Mask::Blocks { stride: length, .. }
            if counted(length, sizes) == 0 =>
        {
            Err(Error::ZeroDivision { dividing: "tokens into blocks" })
        }
        Mask::Selected { w, block: Some(_), .. } if size(w) == 0 => Err(wrong("its queries choose no blocks")),
        // The first block without a key has ended.
        Mask::Blocks { m, t, width, stride, .. }
            if size(m).saturating_mul(counted(stride, sizes)).saturating_add(counted(width, sizes)) <= size(t) =>
        {
            Err(wrong("its mask has too few blocks"))
        }
        _ => Ok(()),
    }
}

/// A number, or the size of an axis.
pub(super) fn counted(count: Count, sizes: &[usize]) -> usize {
    match count {
        Count::Number(number) => number as usize,
        Count::Axis(axis) => sizes[usize::from(axis)],
    }
}

/// An error if there can't be such windows.
fn windows(op: &Op<'_>, it: &Windows, sizes: &[usize]) -> Result<()> {
    let size = |axis: u8| sizes[usize::from(axis)];
    let (stride, pad) = (counted(it.stride, sizes), counted(it.pad, sizes));
    let end = size(it.at).saturating_sub(1).saturating_mul(stride).saturating_add(size(it.width));
    let fit = size(it.at) == 0 || end <= size(it.of).saturating_add(pad.saturating_mul(2));
    if stride > 0 && pad < size(it.width) && fit {
        return Ok(());
    }
    let message = format!("its windows along {} are none: {it:?}", op.axes[usize::from(it.of)]);
    Err(Error::Description { op: op.name.to_owned(), message })
}

fn few(op: &Op<'_>, shape: &Shape, sizes: &[usize]) -> Result<()> {
    match elements(shape, sizes) {
        Some(elements) if elements <= MOST => Ok(()),
        _ => {
            let message = format!("a step of it goes through more than {MOST} elements, too many to run it");
            Err(Error::Description { op: op.name.to_owned(), message })
        }
    }
}

/// The number of elements of a shape, if it fits.
pub(super) fn elements(shape: &Shape, sizes: &[usize]) -> Option<usize> {
    shape.axes().iter().try_fold(1, |product: usize, axis| product.checked_mul(sizes[usize::from(*axis)]))
}
