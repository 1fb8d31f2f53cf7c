//! What a kernel keeps on chip.

use super::frame::Frame;
use super::num::Num;
use super::options::Options;
use crate::count::NO_KERNEL;
use crate::error::Result;
use crate::library::spliced;
use crate::op::{Arg, Kind, Op, Shape};

/// Bits that the kernels of an operator without calls hold on chip at the fullest moment: operands from their first to
/// their last use, and what is computed from then on until its own last use.
///
/// At the sizes of a tile (a block of queries, a block of keys, one head) this is what the tile needs on chip. Where a
/// kernel goes along an axis block by block (`looped`, whose size is then that of a block), what doesn't have the axis
/// but is used or made inside that loop stays throughout: operands that every block needs, sums over the axis, and what
/// normalisations over it keep of the blocks before. Blocks live within one round.
pub fn on_chip<N: Num>(op: &Op<'_>, sizes: &[N], options: &Options, looped: Option<u8>) -> Result<N> {
    spliced(op, |op| most(&Frame::root(op, sizes.to_vec(), options)?, options, looped))
}

fn most<N: Num>(frame: &Frame<'_, N>, options: &Options, looped: Option<u8>) -> Result<N> {
    let (op, parts) = (frame.op, &frame.parts);
    let mut peak = N::int(0);
    for kernel in 0..parts.count() {
        let steps: Vec<usize> = (0..op.steps.len()).filter(|step| parts.of(*step) == kernel).collect();
        let live = live(frame, &steps, looped, options)?;
        for now in steps {
            let there = live.iter().filter(|it| it.from <= now && now <= it.to);
            peak = peak.most(&there.map(|it| &it.bits).try_fold(N::int(0), |sum, bits| sum.plus(bits))?)?;
        }
    }
    Ok(peak)
}

/// Something on chip, from one step to another.
struct Live<N> {
    bits: N,
    from: usize,
    to: usize,
}

/// All that a kernel's steps have on chip.
fn live<N: Num>(frame: &Frame<'_, N>, steps: &[usize], looped: Option<u8>, options: &Options) -> Result<Vec<Live<N>>> {
    let (op, parts) = (frame.op, &frame.parts);
    let sliced = |shape: &Shape| looped.is_some_and(|axis| shape.has(axis));
    let inside = |step: &usize| {
        let mut operands = op.steps[*step].args.iter().filter_map(|arg| arg.value());
        operands.any(|value| sliced(&op.shapes[usize::from(value)]))
            || sliced(&op.shapes[usize::from(op.value_of(*step))])
    };
    let mut rounds = steps.iter().copied().filter(inside);
    let first = rounds.next();
    // The steps from the first to the last one that see a block.
    let round = first.map(|first| (first, rounds.next_back().unwrap_or(first)));
    let mut live = Vec::new();
    for (value, shape) in (0_u16..).zip(op.shapes) {
        let uses = steps.iter().copied().filter(|step| op.steps[*step].args.contains(&Arg::Value(value)));
        let made = op.step_of(value).filter(|step| parts.of(*step) != NO_KERNEL && steps.contains(step));
        let moments: Vec<usize> = made.into_iter().chain(uses).collect();
        let (Some(mut from), Some(mut to)) = (moments.iter().copied().min(), moments.iter().copied().max()) else {
            continue;
        };
        if let Some((start, end)) = round
            && !sliced(shape)
            && moments.iter().any(inside)
        {
            (from, to) = (from.min(start), to.max(end));
        }
        let format = frame.format(Arg::Value(value), options);
        live.push(Live { bits: frame.bits(shape, || frame.rows(value), &format, options)?, from, to });
        // What a normalisation knows of the blocks before.
        if let (Some(step), Some((from, to))) = (made, round)
            && let Kind::Norm(norm, over) = op.steps[step].kind
            && sliced(&over)
        {
            let kept = shape.minus(&over);
            let bits = frame.bits(&kept, || kept, &format, options)?.times(&N::int(norm.statistics()))?;
            live.push(Live { bits, from, to });
        }
    }
    Ok(live)
}
