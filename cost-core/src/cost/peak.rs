//! The most activations that are in memory at one time.

use super::frame::Frame;
use super::num::Num;
use super::options::Options;
use crate::count::{self, NO_KERNEL, Partition};
use crate::error::Result;
use crate::op::{Arg, Kind, Op, Role};

/// Bits of activations that are in memory at the fullest moment: the operator's own inputs throughout, if anything reads
/// them, and what its kernels have written from then until its last use. A callee's inputs live as long as the call.
pub fn peak<N: Num>(op: &Op<'_>, sizes: &[N], options: &Options) -> Result<N> {
    let frame = Frame::root(op, sizes.to_vec(), options)?;
    let mut sum = inside(&frame, options)?;
    for (i, input) in op.inputs.iter().enumerate() {
        if matches!(input.role, Role::Act | Role::Ids) {
            #[expect(clippy::cast_possible_truncation, reason = "an operator has fewer inputs than that")]
            let read = frame.read_at_all(i as u16, options)?;
            let bits = frame.bits(&input.shape, &count::rows(op, i), &frame.inputs[i].format, options)?;
            sum = sum.plus(&bits.times(&read)?)?;
        }
    }
    Ok(sum)
}

/// A value in memory, from the step after which it is there to the step of its last use.
struct Live<N> {
    bits: N,
    from: usize,
    to: usize,
}

fn inside<N: Num>(frame: &Frame<'_, N>, options: &Options) -> Result<N> {
    let op = frame.op;
    let parts = Partition::new(op);
    let end_of = |step: usize| parts.last(op, step);
    let mut live = Vec::new();
    for (step, it) in op.steps.iter().enumerate() {
        let value = op.value_of(step);
        let in_memory = match it.kind {
            Kind::Call(_) => true,
            Kind::Carry if parts.of(step) == NO_KERNEL => true,
            Kind::Append(_) | Kind::Update | Kind::Last { .. } => false,
            _ => count::written(op, &parts, step).is_some(),
        };
        if in_memory && !frame.repeats(step)?.is_zero() {
            let held = frame.held(Arg::Value(value), options);
            let bits = frame.bits(&op.shapes[usize::from(value)], &frame.rows(value), &held.format, options)?;
            live.push(Live { bits, from: end_of(step), to: last_use(op, value, &end_of) });
        }
    }
    let mut peak = N::int(0);
    for (step, it) in op.steps.iter().enumerate() {
        let call = match it.kind {
            Kind::Call(_) if frame.repeats(step)?.is_zero() => continue,
            Kind::Call(call) => Some(frame.enter(step, &call, options)?),
            _ if end_of(step) == step => None,
            _ => continue,
        };
        let mut sum = match &call {
            Some(inner) => {
                let one = inside(inner, options)?;
                inner.routed.as_ref().map_or_else(|| Ok(one.clone()), |routed| one.times(&routed.top))?
            }
            None => N::int(0),
        };
        for value in live.iter().filter(|value| value.from <= step && value.to >= step) {
            // The result of a call is counted inside it.
            if call.is_none() || value.from != step {
                sum = sum.plus(&value.bits)?;
            }
        }
        peak = peak.most(&sum)?;
    }
    Ok(peak)
}

fn last_use(op: &Op<'_>, value: u16, end_of: &impl Fn(usize) -> usize) -> usize {
    if count::origin(op, op.result) == value {
        return usize::MAX;
    }
    let born = op.step_of(value).unwrap_or(0);
    let uses = op
        .steps
        .iter()
        .enumerate()
        .filter(|(_, it)| it.args.iter().any(|arg| arg.value().is_some_and(|arg| count::origin(op, arg) == value)));
    // A loop's variable takes the place of what it was before.
    let (becomes, uses): (Vec<_>, Vec<_>) = uses.partition(|(_, it)| matches!(it.kind, Kind::Carry));
    let becomes = becomes.iter().map(|(step, _)| *step).max().unwrap_or(born);
    let mut last = uses.iter().map(|(step, _)| end_of(*step)).max().unwrap_or(becomes);
    for it in op.loops {
        // What a loop uses from outside, and the variables that it carries, live until it ends.
        let carried = it.carried.iter().any(|(carry, end)| *carry == value || *end == value);
        let used = it.encloses(last) && !it.encloses(born) && last != becomes;
        if carried || used {
            last = last.max(usize::from(it.end).saturating_sub(1));
        }
    }
    last.max(becomes)
}
