//! What a kernel keeps on chip.

use super::frame::Frame;
use super::num::Num;
use super::options::Options;
use crate::count::{NO_KERNEL, Partition};
use crate::error::Result;
use crate::op::{Arg, Op};

/// Bits that the kernels of an operator without calls hold on chip at the fullest moment: operands from their first to
/// their last use, and what is computed from then on until its own last use.
///
/// At the sizes of a tile (a block of queries, a block of keys, one head) this is what the tile needs on chip.
pub fn on_chip<N: Num>(op: &Op<'_>, sizes: &[N], options: &Options) -> Result<N> {
    let frame = Frame::root(op, sizes.to_vec(), options)?;
    let parts = Partition::new(op);
    let mut peak = N::int(0);
    for now in (0..op.steps.len()).filter(|step| parts.of(*step) != NO_KERNEL) {
        let kernel = parts.of(now);
        let mut sum = N::int(0);
        for (value, shape) in (0_u16..).zip(op.shapes) {
            let uses = (0..op.steps.len())
                .filter(|step| parts.of(*step) == kernel && op.steps[*step].args.contains(&Arg::Value(value)));
            let (mut first, mut last) = (usize::MAX, 0);
            for step in uses {
                (first, last) = (first.min(step), last.max(step));
            }
            if let Some(step) = op.step_of(value).filter(|step| parts.of(*step) == kernel) {
                (first, last) = (step, last.max(step));
            }
            if first <= now && now <= last {
                let format = frame.format(Arg::Value(value), options);
                sum = sum.plus(&frame.bits(shape, &frame.rows(value), &format, options)?)?;
            }
        }
        peak = peak.most(&sum)?;
    }
    Ok(peak)
}
