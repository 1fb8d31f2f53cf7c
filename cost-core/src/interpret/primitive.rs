//! Runs one primitive.

use super::array::View;
use super::body::Body;
use super::machine::Machine;
use super::math;
use super::ranks;
use crate::error::{Error, Result};
use crate::op::{Arg, Kind, Map, Reduce, Shape, Step};

/// FLOPs that a primitive has executed.
#[derive(Default)]
struct Done {
    matmul: u128,
    vector: u128,
}

impl Body<'_> {
    /// Computes a step's value on the chip of a run.
    pub(super) fn compute(&self, machine: &mut Machine, run: usize, at: usize, it: &Step<'_>) -> Result<View> {
        let own = self.op.shapes[usize::from(self.op.value_of(at))];
        let operands: Vec<Option<View>> =
            it.args.iter().map(|arg| arg.value().map(|value| self.value(value)).transpose()).collect::<Result<_>>()?;
        if let Some(tile) = &self.op.tile
            && operands.iter().flatten().map(View::shape).chain([own]).any(|shape| shape.has(tile.axis))
        {
            machine.tiled(run);
        }
        let mut extent = self.extent(operands.iter().flatten());
        if let (Kind::Top { of, keep }, [Some(view)]) = (it.kind, operands.as_slice()) {
            // No more are kept than there are.
            extent[usize::from(keep)] = self.sizes[usize::from(keep)].min(view.size(of).unwrap_or_default());
        }
        let extent = extent.as_slice();
        let out = self.fresh(machine, run, &own, extent, self.op.format_of(Arg::Value(self.op.value_of(at))));
        self.queries(machine, run, &operands, extent);
        let mut done = Done::default();
        let number = |machine: &mut Machine, i: usize, index: &[usize]| match (&operands[i], it.args[i]) {
            (Some(view), _) => machine.load(run, view, view.at(index), self.tiles(view)),
            (None, Arg::Number(number)) => number,
            (None, Arg::Value(_)) => f64::NAN,
        };
        match (it.kind, operands.as_slice()) {
            (Kind::Dot(_), _) => {
                let all = operands.iter().flatten().fold(Shape::SCALAR, |all, view| all.union(&view.shape()));
                self.each(&all, extent, |index| {
                    let product = number(machine, 0, index) * number(machine, 1, index);
                    machine.buffers[out.buffer].data[out.at(index)] += product;
                    done.matmul += 2;
                });
            }
            (Kind::Zip(zip), _) => self.each(&own, extent, |index| {
                let value = math::zip(zip, number(machine, 0, index), number(machine, 1, index));
                machine.buffers[out.buffer].data[out.at(index)] = value;
                done.vector += 1;
            }),
            (Kind::Map(map), _) => self.each(&own, extent, |index| {
                let x = number(machine, 0, index);
                let partner = self.partner(map, &own, index, extent).map_or(0.0, |other| number(machine, 0, &other));
                machine.buffers[out.buffer].data[out.at(index)] = math::map(map, x, partner);
                done.vector += u128::from(map.flops());
            }),
            (Kind::Store | Kind::Dequant | Kind::Cast, [Some(view)]) => {
                let flops = match it.kind {
                    Kind::Dequant => machine.buffers[view.buffer].dequant,
                    Kind::Cast => 1 + machine.buffers[out.buffer].dequant,
                    _ => 0,
                };
                self.each(&own, extent, |index| {
                    let value = number(machine, 0, index);
                    machine.buffers[out.buffer].data[out.at(index)] = value;
                    done.vector += u128::from(flops);
                });
            }
            (Kind::Among { .. }, [Some(view), Some(chosen)]) => {
                self.each(&chosen.shape(), extent, |index| {
                    machine.load(run, chosen, chosen.at(index), self.tiles(chosen));
                });
                self.each(&own, extent, |index| {
                    let value = machine.load(run, view, view.at(index), self.tiles(view));
                    machine.buffers[out.buffer].data[out.at(index)] = value;
                });
            }
            (Kind::Top { of, keep }, [Some(view)]) => self.top(machine, run, (of, keep), view, &out, extent, &mut done),
            (Kind::Reduce(_, over) | Kind::Norm(_, over), [Some(view)]) => {
                self.grouped(machine, run, (at, it), view, &out, &over, extent, &mut done)?;
            }
            (Kind::Gather(axis), [Some(table), Some(ids)]) => {
                self.gather(machine, run, axis, (table, ids), &out, &own, extent)?;
            }
            (Kind::Take { of, keep }, [Some(view), Some(chosen)]) => {
                self.take(machine, run, (of, keep), (view, chosen), &out, &own, extent);
            }
            (Kind::Put { of, keep }, [Some(view), Some(rows), Some(chosen)]) => {
                self.each(&chosen.shape(), extent, |index| {
                    machine.load(run, chosen, chosen.at(index), self.tiles(chosen));
                });
                self.put(machine, run, (of, keep), (view, rows), &out, extent);
            }
            (Kind::Before(_), _) => self.each(&own, extent, |index| {
                let value = number(machine, 0, index);
                machine.buffers[out.buffer].data[out.at(index)] = value;
            }),
            (Kind::Slide { over, width }, [Some(state), Some(rows)]) => {
                self.slide(machine, run, (over, width), (state, rows), &out, &own, extent);
            }
            (Kind::Write(_), [Some(state), Some(value)]) => {
                self.update(machine, run, at, state, value);
                return Ok(state.clone());
            }
            (Kind::Append(axis), [Some(cache), Some(rows)]) => {
                self.append(machine, run, at, axis, cache, rows);
                return Ok(cache.clone());
            }
            _ => {}
        }
        let counted = machine.counted(run);
        counted.matmul += done.matmul;
        counted.vector += done.vector;
        Ok(out)
    }

    /// Queries are read whether or not they see any key.
    fn queries(&self, machine: &mut Machine, run: usize, operands: &[Option<View>], extent: &[usize]) {
        let Some((s, t)) = self.mask().axes() else { return };
        let has = |view: &View, axis: u8| view.axes.iter().any(|(own, _)| self.whole(*own) == axis);
        let keys = |view: &View| has(view, t);
        if operands.iter().flatten().any(keys) {
            for view in operands.iter().flatten().filter(|view| has(view, s) && !keys(view)) {
                self.each(&view.shape(), extent, |index| {
                    machine.load(run, view, view.at(index), self.tiles(view));
                });
            }
        }
    }

    /// The position that `rope` rotates a position with, if the mask leaves it.
    fn partner(&self, map: Map, shape: &Shape, index: &[usize], extent: &[usize]) -> Option<Vec<usize>> {
        let axis = usize::from(*shape.axes().last().filter(|_| map == Map::Rope)?);
        let mut other = index.to_vec();
        other[axis] = (other[axis] ^ 1).min(extent[axis] - 1);
        self.exists(shape, &other).then_some(other)
    }

    /// A reduction or normalisation: one group of numbers for each position of the other axes.
    #[expect(clippy::too_many_arguments, reason = "what a reduction is made of")]
    fn grouped(
        &self,
        machine: &mut Machine,
        run: usize,
        (at, it): (usize, &Step<'_>),
        view: &View,
        out: &View,
        over: &Shape,
        extent: &[usize],
        done: &mut Done,
    ) -> Result<()> {
        let shape = view.shape();
        let (mut rows, mut places) = (Vec::new(), Vec::new());
        let parted = over.axes().iter().any(|axis| self.whole(*axis) != *axis);
        math::each(shape.minus(over).axes(), extent, &mut |outer| {
            let mut group = Vec::new();
            math::each(over.axes(), extent, &mut |inner| {
                let index: Vec<usize> = outer.iter().zip(inner).map(|(a, b)| a + b).collect();
                if self.exists(&shape, &index) {
                    group.push((machine.load(run, view, view.at(&index), self.tiles(view)), index));
                }
            });
            let numbers: Vec<f64> = group.iter().map(|(number, _)| *number).collect();
            let Kind::Reduce(how, _) = it.kind else {
                places.extend(group.into_iter().map(|(_, index)| out.at(&index)));
                rows.push(numbers);
                return;
            };
            done.vector += numbers.len() as u128;
            let data = &mut machine.buffers[out.buffer].data[out.at(outer)];
            match how {
                // A part of a mean, of which there is none where no rank has anything.
                Reduce::Mean if parted => {
                    *data = math::reduce(Reduce::Sum, &numbers) / self.there(&shape, over, outer).max(1) as f64;
                }
                _ if parted || !numbers.is_empty() || how == Reduce::Sum => *data = math::reduce(how, &numbers),
                _ => {}
            }
        });
        let Kind::Norm(norm, _) = it.kind else { return Ok(()) };
        done.vector += places.len() as u128 * u128::from(norm.flops());
        let value = it.args[0].value().unwrap_or_default();
        self.normalised(machine, (at, value), norm, &mut rows)?;
        for (place, value) in places.into_iter().zip(rows.into_iter().flatten()) {
            machine.buffers[out.buffer].data[place] = value;
        }
        Ok(())
    }

    /// How many numbers all ranks together reduce to one.
    fn there(&self, shape: &Shape, over: &Shape, outer: &[usize]) -> usize {
        let all = ranks::whole(shape, &self.shares);
        let mut index = vec![0; outer.len()];
        for axis in all.axes() {
            index[usize::from(*axis)] = self.position(shape, outer, *axis).unwrap_or_default();
        }
        let over = ranks::whole(over, &self.shares);
        let mut count = 0;
        math::each(over.axes(), &self.sizes, &mut |inner| {
            over.axes().iter().for_each(|axis| index[usize::from(*axis)] = inner[usize::from(*axis)]);
            count += usize::from(self.exists(&all, &index));
        });
        count
    }

    /// The largest numbers along an axis, in order; the smallest of them again where a mask leaves too few.
    #[expect(clippy::too_many_arguments, reason = "what a choice is made of")]
    fn top(
        &self,
        machine: &mut Machine,
        run: usize,
        (of, keep): (u8, u8),
        view: &View,
        out: &View,
        extent: &[usize],
        done: &mut Done,
    ) {
        let shape = view.shape();
        math::each(shape.minus(&Shape::of(&[of])).axes(), extent, &mut |outer| {
            let mut numbers = Vec::new();
            for at in 0..view.size(of).unwrap_or_default() {
                let mut index = outer.to_vec();
                index[usize::from(of)] = at;
                if self.exists(&shape, &index) {
                    numbers.push(machine.load(run, view, view.at(&index), self.tiles(view)));
                }
            }
            done.vector += numbers.len() as u128;
            numbers.sort_by(|a, b| b.total_cmp(a));
            for at in 0..out.size(keep).unwrap_or_default() {
                let mut index = outer.to_vec();
                index[usize::from(keep)] = at;
                let value = numbers.get(at).or(numbers.last()).copied().unwrap_or_default();
                machine.buffers[out.buffer].data[out.at(&index)] = value;
            }
        });
    }

    /// Each id reads its row.
    #[expect(clippy::too_many_arguments, reason = "what a look-up is made of")]
    fn gather(
        &self,
        machine: &mut Machine,
        run: usize,
        axis: u8,
        (table, ids): (&View, &View),
        out: &View,
        own: &Shape,
        extent: &[usize],
    ) -> Result<()> {
        let mut outside = None;
        self.each(own, extent, |index| {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an id")]
            let id = machine.load(run, ids, ids.at(index), self.tiles(ids)) as usize;
            if id >= self.sizes[usize::from(self.whole(axis))] {
                outside = Some(id);
                return;
            }
            let mut place = index.to_vec();
            place[usize::from(axis)] = id;
            if let Some(it) = self.shares.iter().find(|it| it.axis == axis) {
                // A rank finds its own rows, and nothing in the place of others.
                let rows = self.sizes[usize::from(axis)];
                if id / rows != it.index {
                    return;
                }
                place[usize::from(axis)] = id % rows;
            }
            let value = machine.load(run, table, table.at(&place), self.tiles_of(own));
            machine.buffers[out.buffer].data[out.at(index)] = value;
        });
        match outside {
            None => Ok(()),
            Some(id) => Err(Error::Description {
                op: self.op.name.to_owned(),
                message: format!("id {id} is outside of a table of {} rows", self.sizes[usize::from(self.whole(axis))]),
            }),
        }
    }

    /// The first rows stand for those that were chosen: each is another one, as long as there are others.
    #[expect(clippy::too_many_arguments, reason = "what a choice is made of")]
    fn take(
        &self,
        machine: &mut Machine,
        run: usize,
        (of, keep): (u8, u8),
        (view, chosen): (&View, &View),
        out: &View,
        own: &Shape,
        extent: &[usize],
    ) {
        self.each(&chosen.shape(), extent, |index| {
            machine.load(run, chosen, chosen.at(index), self.tiles(chosen));
        });
        let rows = view.size(of).unwrap_or_default().max(1);
        self.each(own, extent, |index| {
            let mut place = index.to_vec();
            place[usize::from(of)] = index[usize::from(keep)] % rows;
            let value = machine.load(run, view, view.at(&place), self.tiles_of(own));
            machine.buffers[out.buffer].data[out.at(index)] = value;
        });
    }

    /// The rows that [`Self::take`] takes are replaced.
    fn put(
        &self,
        machine: &mut Machine,
        run: usize,
        (of, keep): (u8, u8),
        (view, rows): (&View, &View),
        out: &View,
        extent: &[usize],
    ) {
        self.each(&view.shape(), extent, |index| {
            let value = machine.load(run, view, view.at(index), self.tiles(view));
            machine.buffers[out.buffer].data[out.at(index)] = value;
        });
        let all = view.size(of).unwrap_or_default().max(1);
        self.each(&rows.shape(), extent, |index| {
            let value = machine.load(run, rows, rows.at(index), self.tiles(rows));
            let mut place = index.to_vec();
            place[usize::from(of)] = index[usize::from(keep)] % all;
            machine.buffers[out.buffer].data[out.at(&place)] = value;
        });
    }

    /// Each position sees its own row and those before it, back into the state, which is read as a whole.
    #[expect(clippy::too_many_arguments, reason = "what a window is made of")]
    fn slide(
        &self,
        machine: &mut Machine,
        run: usize,
        (over, width): (u8, u8),
        (state, rows): (&View, &View),
        out: &View,
        own: &Shape,
        extent: &[usize],
    ) {
        let kept = self.sizes[usize::from(width)];
        self.each(&state.shape(), extent, |index| {
            machine.load(run, state, state.at(index), self.tiles(state));
        });
        self.each(&rows.shape(), extent, |index| {
            machine.load(run, rows, rows.at(index), self.tiles(rows));
        });
        self.each(own, extent, |index| {
            let at = index[usize::from(over)] + index[usize::from(width)] + 1;
            let mut place = index.to_vec();
            let view = if at < kept {
                place[usize::from(width)] = at;
                state
            } else {
                place[usize::from(over)] = at - kept;
                rows
            };
            machine.buffers[out.buffer].data[out.at(index)] = machine.buffers[view.buffer].data[view.at(&place)];
        });
    }

    /// What the last position leaves is written over the state.
    fn update(&self, machine: &mut Machine, run: usize, step: usize, state: &View, value: &View) {
        let (extent, extra) = (self.extent([state, value].into_iter()), value.shape().minus(&state.shape()));
        self.each(&value.shape(), &extent, |index| {
            machine.load(run, value, value.at(index), self.tiles(value));
        });
        // Without positions there is no last one, and the state stays as it is.
        let none = extra.axes().iter().any(|axis| self.sizes[usize::from(*axis)] == 0);
        self.each(&state.shape(), &extent, |index| {
            machine.keep(run, step, state, state.at(index));
            if none {
                return;
            }
            let mut place = index.to_vec();
            extra.axes().iter().for_each(|axis| place[usize::from(*axis)] = self.sizes[usize::from(*axis)] - 1);
            machine.buffers[state.buffer].data[state.at(index)] = machine.buffers[value.buffer].data[value.at(&place)];
        });
    }

    /// New rows go behind those that the cache holds.
    fn append(&self, machine: &mut Machine, run: usize, step: usize, axis: u8, cache: &View, rows: &View) {
        let grown = usize::from(rows.shape().minus(&cache.shape()).axis(0));
        let past = self.sizes[usize::from(self.whole(axis))] - self.sizes[grown];
        let share = self.shares.iter().find(|it| it.axis == axis).map(|it| (it.index, self.sizes[usize::from(axis)]));
        self.each(&rows.shape(), &self.extent([rows].into_iter()), |index| {
            let value = machine.load(run, rows, rows.at(index), self.tiles(rows));
            let mut place = index.to_vec();
            let mut row = past + index[grown];
            if let Some((rank, rows)) = share {
                // Those that belong to other ranks are theirs to keep.
                if row / rows != rank {
                    return;
                }
                row %= rows;
            }
            place[usize::from(axis)] = row;
            machine.buffers[cache.buffer].data[cache.at(&place)] = value;
            machine.keep(run, step, cache, cache.at(&place));
        });
    }
}
