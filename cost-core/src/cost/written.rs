//! What a kernel writes: each value that leaves it once, under however many names it leaves.

use super::frame::Frame;
use super::kernel::Operand;
use super::num::Num;
use super::options::Options;
use crate::count::{self, Moved};
use crate::error::Result;
use crate::op::{Arg, Kind};

/// What is written of a step's value; nothing if that is under a condition that is absent.
pub(super) fn written<N: Num>(frame: &Frame<'_, N>, step: usize, options: &Options) -> Result<Option<Operand<N>>> {
    let Some((moved, there)) = moved(frame, step)? else { return Ok(None) };
    let held = frame.held(Arg::Value(moved.value), options);
    let bits = frame.bits(&moved.shape, || frame.rows(moved.value), &held.format, options)?.times(&there)?;
    let bits = frame.of_experts(bits, &held, &moved.shape, options)?;
    Ok(Some(Operand { written: true, ..Operand::of(held, bits) }))
}

/// Whether anything is written of a step's value.
pub(super) fn is_written<N: Num>(frame: &Frame<'_, N>, step: usize) -> Result<bool> {
    Ok(moved(frame, step)?.is_some())
}

/// What is written of a step's value, and whether it is: 1, or a formula of conditions.
fn moved<N: Num>(frame: &Frame<'_, N>, step: usize) -> Result<Option<(Moved, N)>> {
    let Some(moved) = count::written(frame.op, &frame.parts, step) else { return Ok(None) };
    let there = match frame.op.steps[moved.step].kind {
        Kind::Carry => presence(frame, moved.step)?,
        _ => frame.guarded(moved.step)?,
    };
    Ok(if there.is_zero() { None } else { Some((moved, there)) })
}

/// A value that a variable may be, and the condition that it is under: the index of a loop.
type Link = (u16, Option<usize>);

/// Whether a conditional variable is written under its own name. Without its condition it is what it was before: another
/// variable, something that this kernel computes, or what is in memory already; and what leaves the kernel under several
/// names is written under the first of them.
fn presence<N: Num>(frame: &Frame<'_, N>, carry: usize) -> Result<N> {
    let (op, parts, own) = (frame.op, &frame.parts, links(frame, carry));
    let same = |a: usize, b: usize| op.loops[a].times == op.loops[b].times;
    let leaving = |value: u16| parts.leaves(op, value, parts.of(carry));
    let before = (0..carry).filter(|step| parts.of(*step) == parts.of(carry) && leaving(op.value_of(*step)));
    let others: Vec<Vec<Link>> = before.map(|step| links(frame, step)).collect();
    let mut sum = N::int(0);
    for (depth, (value, guard)) in own.iter().enumerate() {
        let above = &own[..depth];
        // The same condition can't hold here and be absent above.
        if guard.is_some_and(|guard| above.iter().any(|(_, other)| other.is_some_and(|it| same(it, guard)))) {
            continue;
        }
        let mut there = frame.multiplied(absent(frame, above)?, guard.iter().copied())?;
        for other in &others {
            if let Some(depth) = other.iter().position(|(its, _)| its == value) {
                there = there.times(&N::int(1).minus(&absent(frame, &other[..depth])?)?)?;
            }
        }
        sum = sum.plus(&there)?;
    }
    Ok(sum)
}

/// What a step's value may be, each if the conditions of those before it are absent; without an end that is in memory already.
fn links<N>(frame: &Frame<'_, N>, step: usize) -> Vec<Link> {
    let (op, parts) = (frame.op, &frame.parts);
    let (kernel, mut value, mut found) = (parts.of(step), op.value_of(step), Vec::new());
    while parts.home(op, value) == kernel
        && let Some(step) = op.step_of(value)
    {
        let before = match (op.steps[step].kind, op.steps[step].args) {
            (Kind::Carry, [Arg::Value(before)]) => Some(*before),
            _ => None,
        };
        found.push((value, before.and_then(|_| parts.guards(op, step).next())));
        let Some(before) = before else { break };
        value = before;
    }
    found
}

/// Whether none of some variables' conditions holds.
fn absent<N: Num>(frame: &Frame<'_, N>, links: &[Link]) -> Result<N> {
    let (loops, mut guards) = (frame.op.loops, Vec::new());
    for guard in links.iter().filter_map(|(_, guard)| *guard) {
        if !guards.iter().any(|other: &usize| loops[*other].times == loops[guard].times) {
            guards.push(guard);
        }
    }
    let one = N::int(1);
    guards.into_iter().try_fold(one.clone(), |all, guard| {
        let holds = frame.multiplied(one.clone(), core::iter::once(guard))?;
        all.times(&one.minus(&holds)?)
    })
}
