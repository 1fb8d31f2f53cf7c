//! Exchanges between ranks: what each has then, and what has moved.

use super::array::{Buffer, View};
use super::body::Body;
use super::machine::{Machine, Moved, Site};
use super::math;
use super::memory::Life;
use super::ranks::{Group, Rank};
use crate::cost::Exchanged;
use crate::error::{Error, Result};
use crate::op::{Call, Exchange, Norm, Op, Reduce, Role, Shape, Step, Transfer};

/// Where a body runs: on which rank, and what it is without a mesh.
#[derive(Clone, Copy)]
pub(super) struct Seat<'o> {
    pub(super) rank: &'o Rank<'o>,
    pub(super) whole: &'o Op<'o>,
}

impl<'o> Seat<'o> {
    /// Where a body runs that a step of one calls: exchanges aside, both make the same calls in the same order.
    pub(super) fn inside(&self, op: &Op<'_>, at: usize) -> Option<Self> {
        let called = |step: &Step<'o>| match step.kind {
            crate::op::Kind::Call(call) if !call.is_exchange() => Some(call.op),
            _ => None,
        };
        let before =
            op.steps[..at].iter().filter(|it| matches!(it.kind, crate::op::Kind::Call(call) if !call.is_exchange()));
        let whole = self.whole.steps.iter().filter_map(called).nth(before.count())?;
        Some(Self { whole, ..*self })
    }
}

impl<'o> Body<'o> {
    /// Runs an exchange.
    pub(super) fn exchange(
        &mut self,
        machine: &mut Machine,
        at: usize,
        it: &Step<'o>,
        call: &Call<'o>,
        exchange: &Exchange<'o>,
    ) -> Result<View> {
        let Some(seat) = self.seat else {
            return Err(self.wrong("it is what one device of a mesh runs, which waits for the others".to_owned()));
        };
        let group = seat.rank.group(call.op.axes[usize::from(exchange.ranks)]);
        let mut view = self.value(it.args[0].value().unwrap_or_default())?;
        if exchange.transfer.is_view() {
            view.later |= !machine.at_hand(view.buffer);
        }
        let value = self.op.value_of(at);
        let (before, after) = (view.shape(), self.op.shapes[usize::from(value)]);
        let changed = before.minus(&after).union(&after.minus(&before));
        if changed.axes().iter().any(|axis| !self.token[usize::from(*axis)].is_empty()) {
            return Err(
                self.wrong("tokens of routed experts that are exchanged inside of them can't be run".to_owned())
            );
        }
        match exchange.transfer {
            Transfer::Once => view.zero |= group.index != 0,
            Transfer::Statistics(_) => {
                self.statistics.insert(value, call.op.axes[usize::from(exchange.ranks)]);
            }
            Transfer::Share(_) => view = self.shared(view, &self.op.shapes[usize::from(value)], &group)?,
            Transfer::Send => {
                machine.leave(&view);
                machine.close();
                if group.count > 1 {
                    let site: Site = self.site.iter().copied().chain([at]).collect();
                    let (elements, role) = (self.count(&view), machine.buffers[view.buffer].role);
                    let (kind, ranks, routed) = (Exchanged::Send, group.count, machine.experts.is_some());
                    let sent = elements;
                    machine.moved(site, Moved { kind, role, ranks, runs: 1, elements, sent, single: false, routed });
                }
                machine.hold(&view);
            }
            Transfer::AllToAll(_) => return Err(self.wrong("tokens that go to other ranks can't be run".to_owned())),
            transfer => {
                machine.leave(&view);
                machine.close();
                let after =
                    self.exchanged(machine, &view, &self.op.shapes[usize::from(value)], transfer, &group, at)?;
                machine.buffers[after.buffer].role = call.op.inputs[0].role;
                machine.hold(&view);
                return Ok(after);
            }
        }
        Ok(view)
    }

    /// A rank's share of what it has.
    fn shared(&self, mut view: View, after: &Shape, group: &Group) -> Result<View> {
        let (whole, share) = (view.shape().minus(after).axis(0), after.minus(&view.shape()).axis(0));
        for (axis, parts) in view.axes.iter_mut().filter(|(axis, _)| *axis == whole) {
            let Some(first) = parts.first_mut().filter(|first| first.size.is_multiple_of(group.count)) else {
                let message = format!(
                    "its share of {} is no part of the axes that it stands for",
                    self.op.axes[usize::from(whole)]
                );
                return Err(self.wrong(message));
            };
            first.size /= group.count;
            view.offset = view.offset.wrapping_add(group.index * first.size * first.stride);
            *axis = share;
        }
        Ok(view)
    }

    /// What a rank has after an exchange, in memory.
    fn exchanged(
        &self,
        machine: &mut Machine,
        view: &View,
        after: &Shape,
        transfer: Transfer,
        group: &Group,
        at: usize,
    ) -> Result<View> {
        let before = view.shape();
        let (gone, come) = (before.minus(after), after.minus(&before));
        let (gone, come) = (gone.axes().first().copied(), come.axes().first().copied());
        let mut extent = self.extent([view].into_iter());
        let size = |axis: Option<u8>| axis.map_or(1, |axis| extent[usize::from(axis)]);
        let (gone_size, come_size) = (size(gone), size(come));
        if let (Transfer::AllGather(_), Some(come)) = (transfer, come) {
            extent[usize::from(come)] = gone_size * group.count;
        }
        let mut data = Vec::new();
        math::each(before.axes(), &extent, &mut |index| data.push(machine.number(view, view.at(index))));
        let row = |index: &[usize]| {
            before.axes().iter().fold(0, |row, axis| row * extent[usize::from(*axis)] + index[usize::from(*axis)])
        };
        let deaf = machine.moves.len();
        let site: Site = self.site.iter().copied().chain([at]).collect();
        let deaf = machine.moves.iter().position(|(known, _)| *known == site).unwrap_or(deaf);
        let all = self.meet(group, data, Some(deaf))?;
        let out = View::whole(machine.buffers.len(), after.axes(), &extent);
        let len = after.axes().iter().map(|axis| extent[usize::from(*axis)]).product();
        let mut buffer = Buffer {
            data: vec![0.0; len],
            run: None,
            exists: vec![false; len],
            life: Life::default(),
            ..machine.buffers[view.buffer].clone()
        };
        let mut from_others = 0_u128;
        math::each(after.axes(), &extent, &mut |index| {
            let mut place = index.to_vec();
            let here = come.map_or(0, |axis| index[usize::from(axis)]);
            // Where along the axis that goes, counted over all ranks.
            let along = match transfer {
                Transfer::ReduceScatter(..) => group.index * come_size + here,
                Transfer::Last(_) => gone_size * group.count - come_size + here,
                _ => here,
            };
            if let Some(axis) = gone {
                place[usize::from(axis)] = along % gone_size.max(1);
            }
            let value = match transfer {
                Transfer::AllReduce(how) | Transfer::ReduceScatter(how, _) => {
                    put_together(how, all.iter().map(|array| array[row(&place)]))
                }
                _ => all[along / gone_size.max(1)][row(&place)],
            };
            buffer.data[out.at(index)] = value;
            let exists = self.in_memory(after, index);
            buffer.exists[out.at(index)] = exists;
            from_others += u128::from(exists && along / gone_size.max(1) != group.index);
        });
        machine.buffers.push(buffer);
        let (had, has) = (self.count(view), self.count(&out));
        machine.resize(out.buffer, has);
        let (kind, elements, sent) = match transfer {
            Transfer::AllReduce(_) => (Exchanged::AllReduce, had, had),
            Transfer::ReduceScatter(..) => (Exchanged::ReduceScatter, had, had - has),
            _ => (Exchanged::AllGather, has, from_others),
        };
        if group.count > 1 {
            let (ranks, routed) = (group.count, machine.experts.is_some());
            let role = machine.buffers[view.buffer].role;
            machine.moved(site, Moved { kind, role, ranks, runs: 1, elements, sent, single: false, routed });
        }
        Ok(out)
    }

    /// Normalises rows of which each rank has a part, with the statistics of whole rows.
    pub(super) fn normalised(
        &self,
        machine: &mut Machine,
        (at, value): (usize, u16),
        norm: Norm,
        rows: &mut [Vec<f64>],
    ) -> Result<()> {
        let (Some(seat), Some(names)) = (self.seat, self.statistics.get(&value)) else {
            for row in rows.iter_mut() {
                math::normalise(norm, row);
            }
            return Ok(());
        };
        let group = seat.rank.group(names);
        // Each row after how long it is.
        let data = rows.iter().flat_map(|row| core::iter::once(row.len() as f64).chain(row.iter().copied()));
        let site: Site = self.site.iter().copied().chain([at]).collect();
        let deaf = machine.moves.iter().position(|(known, _)| *known == site).unwrap_or(machine.moves.len());
        let all = self.meet(&group, data.collect(), Some(deaf))?;
        let (mut places, mut there) = (vec![0; group.count], 0);
        for row in rows.iter_mut() {
            let (mut whole, mut own) = (Vec::new(), 0);
            for (rank, (array, place)) in all.iter().zip(&mut places).enumerate() {
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a length")]
                let len = array.get(*place).map_or(0, |len| *len as usize);
                own = if rank == group.index { whole.len() } else { own };
                whole.extend(array.iter().skip(*place + 1).take(len));
                *place += 1 + len;
            }
            there += u128::from(!whole.is_empty());
            math::normalise(norm, &mut whole);
            let len = row.len();
            row.copy_from_slice(&whole[own..own + len]);
        }
        if group.count > 1 {
            let (kind, ranks, routed) = (Exchanged::AllReduce, group.count, machine.experts.is_some());
            let runs = u128::from(norm.statistics());
            let elements = there * runs;
            machine.moved(
                site,
                Moved { kind, role: Role::Act, ranks, runs, elements, sent: elements, single: true, routed },
            );
        }
        Ok(())
    }

    /// What all ranks of a group have. At the exchange that this rank is deaf to, it is as if the others had nothing.
    fn meet(&self, group: &Group, data: Vec<f64>, exchange: Option<usize>) -> Result<std::sync::Arc<Vec<Vec<f64>>>> {
        let stopped = || self.wrong("another rank has stopped".to_owned());
        let rank = self.seat.ok_or_else(stopped)?.rank;
        let own = data.clone();
        let all = rank.meet(group, data).ok_or_else(stopped)?;
        if rank.deaf.is_none() || rank.deaf != exchange {
            return Ok(all);
        }
        let silent = |(number, array): (usize, &Vec<f64>)| {
            if number == group.index { own.clone() } else { vec![0.0; array.len()] }
        };
        Ok(std::sync::Arc::new(all.iter().enumerate().map(silent).collect()))
    }

    pub(super) fn wrong(&self, message: String) -> Error {
        Error::Description { op: self.op.name.to_owned(), message }
    }
}

/// Of what each rank has of an element, the element. A rank's part of a mean is divided by the number of all already.
fn put_together(how: Reduce, parts: impl Iterator<Item = f64>) -> f64 {
    match how {
        Reduce::Sum | Reduce::Mean => parts.sum(),
        // Of nothing at all the maximum is left at 0.
        Reduce::Max => {
            Some(parts.fold(f64::NEG_INFINITY, f64::max)).filter(|most| *most > f64::NEG_INFINITY).unwrap_or(0.0)
        }
    }
}
