//! The true recurrence: what a position finds in a state is what the one before it has left.

use super::array::View;
use super::body::Body;
use super::machine::Machine;
use super::math;
use crate::error::Result;
use crate::op::{Kind, Mask, Shape, Step};

/// Steps of a body that make the state after a position from the state before it.
struct Recurrence {
    /// The step that reads the state.
    before: usize,
    /// The axis of positions.
    over: u8,
    /// The steps after it that depend on what it reads, up to the one that updates the state.
    chain: Vec<usize>,
}

impl Body<'_> {
    /// Once a step has updated a state: computes what depends on the state again, one position after the other.
    ///
    /// All positions were computed from the state as it was before the first. That counts what is executed and touched,
    /// so nothing is counted here, but is right for the first position alone. Where positions depend on each other in more
    /// than the state (through a mask, a sum over positions, a call or a condition), they are left as they are.
    pub(super) fn recur(&self, machine: &mut Machine, update: usize) -> Result<()> {
        let args = self.op.steps[update].args.iter().filter_map(|arg| arg.value());
        let views: Vec<View> = args.map(|value| self.value(value)).collect::<Result<_>>()?;
        let (Some(Recurrence { before, over, chain }), [state, after]) = (self.recurrence(update), views.as_slice())
        else {
            return Ok(());
        };
        let axis = usize::from(over);
        if self.sizes[axis] == 0 {
            return Ok(());
        }
        let mut scratch = machine.scratch();
        let mut left = state.clone();
        for position in 0..self.sizes[axis] {
            if position > 0 {
                let mut one = self.at(over, position);
                one.set(self.op.value_of(before), left);
                for step in &chain {
                    let value = self.op.value_of(*step);
                    let view = one.replayed(&mut scratch, *step)?;
                    one.copy(&mut scratch, &view, &self.value(value)?, (over, position));
                    one.set(value, view);
                }
            }
            left = after.fixed(over, position);
        }
        self.at(over, 0).copy(&mut scratch, &left, state, (over, 0));
        machine.take_numbers(scratch);
        Ok(())
    }

    fn replayed(&self, scratch: &mut Machine, step: usize) -> Result<View> {
        let it: Step<'_> = self.op.steps[step];
        let run = scratch.run(&vec![step]);
        self.compute(scratch, run, step, &it)
    }

    /// Copies numbers of one position to where the numbers of all positions are.
    fn copy(&self, scratch: &mut Machine, from: &View, to: &View, (over, position): (u8, usize)) {
        math::each(to.shape().axes(), &self.sizes, &mut |index| {
            let mut place = index.to_vec();
            place[usize::from(over)] = position;
            scratch.buffers[to.buffer].data[to.at(&place)] = scratch.buffers[from.buffer].data[from.at(index)];
        });
    }

    fn recurrence(&self, update: usize) -> Option<Recurrence> {
        let (op, it) = (self.op, &self.op.steps[update]);
        let before = op.steps[..update].iter().rposition(|step| {
            // The state that this step updates, not what another one has made of it.
            matches!(step.kind, Kind::Before(_)) && step.args[0] == it.args[0]
        })?;
        let Kind::Before(over) = op.steps[before].kind else { return None };
        let together = |step: usize| op.loops.iter().all(|it| it.encloses(step) == it.encloses(before));
        let mut chain = vec![before];
        for (i, step) in op.steps.iter().enumerate().take(update).skip(before + 1) {
            let depends = |value: u16| op.step_of(value).is_some_and(|of| chain.contains(&of));
            if !step.args.iter().filter_map(|arg| arg.value()).any(depends) {
                continue;
            }
            let summed = match step.kind {
                Kind::Dot(over) | Kind::Reduce(_, over) | Kind::Norm(_, over) => over,
                Kind::Zip(_) | Kind::Map(_) | Kind::Store | Kind::Dequant | Kind::Cast => Shape::SCALAR,
                _ => return None,
            };
            if summed.has(over) || !together(i) {
                return None;
            }
            chain.push(i);
        }
        let last = op.step_of(it.args[1].value()?)?;
        let alone = self.mask() == Mask::None && together(update) && chain[1..].contains(&last);
        alone.then(|| Recurrence { before, over, chain: chain.split_off(1) })
    }
}
