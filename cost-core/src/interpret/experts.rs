//! Routed experts: one token after the other through its copies, counted as if all went through at once.

use std::collections::BTreeMap;

use super::array::{Buffer, Part, View};
use super::body::Body;
use super::check;
use super::machine::{Machine, Site, Touched};
use super::math;
use crate::error::{Error, Result};
use crate::op::{Call, Experts, Kind, Op, Role, Shape, Step};

/// What tells a tensor that a call inside an expert owns: the copy, which of the tensors that come up there it is, and
/// where the token is on the axes that it shares with the tokens.
type Owned = (usize, usize, Vec<Vec<usize>>);

/// What the copies of routed experts have done so far, kept while their tokens are processed.
#[derive(Default)]
pub(super) struct Routed {
    /// How often each kernel has run for the token and copy at work.
    turns: BTreeMap<Site, usize>,
    /// What all tokens and copies have done in one run of a kernel.
    together: BTreeMap<(Site, usize), Together>,
    pub(super) owned: BTreeMap<Owned, usize>,
    /// The copy at work.
    copy: usize,
    /// How many tensors have come up that calls inside it own.
    next: usize,
}

/// One run of a kernel for all tokens and copies.
#[derive(Default)]
struct Together {
    moment: usize,
    loaded: Touched,
    kept: BTreeMap<(usize, usize), Vec<bool>>,
}

impl Routed {
    /// Another token, or another copy for it, comes up.
    fn begin(&mut self, copy: usize) {
        self.turns.clear();
        (self.copy, self.next) = (copy, 0);
    }

    /// Which run of a kernel the next one is, and when it takes place: at `new` if no token was there before.
    pub(super) fn turn(&mut self, site: &Site, new: usize) -> (usize, usize) {
        let turn = self.turns.entry(site.clone()).or_default();
        *turn += 1;
        let fresh = || Together { moment: new, ..Together::default() };
        (*turn, self.together.entry((site.clone(), *turn)).or_insert_with(fresh).moment)
    }

    pub(super) fn next_owned(&mut self, place: Vec<Vec<usize>>) -> Owned {
        self.next += 1;
        (self.copy, self.next, place)
    }

    /// Leaves only what no token before has moved in the same run.
    pub(super) fn further(
        &mut self,
        run: &(Site, usize),
        loads: &mut Touched,
        stores: &mut BTreeMap<(usize, usize), Vec<bool>>,
    ) {
        let before = self.together.entry(run.clone()).or_default();
        for (buffer, times) in loads {
            let seen = before.loaded.entry(*buffer).or_insert_with(|| vec![0; times.len()]);
            for (seen, times) in seen.iter_mut().zip(times) {
                let new = times.saturating_sub(*seen);
                *seen += new;
                *times = new;
            }
        }
        for (place, touched) in stores {
            let seen = before.kept.entry(*place).or_insert_with(|| vec![false; touched.len()]);
            for (seen, touched) in seen.iter_mut().zip(touched) {
                *touched &= !*seen;
                *seen |= *touched;
            }
        }
    }
}

/// What goes through one copy: the positions of a token along each axis, or nothing where there is room for one more.
type Entry = (usize, Option<Vec<usize>>);

impl<'o> Body<'o> {
    /// Each token through `top` of the copies, or through those that have room for it.
    #[expect(clippy::too_many_arguments, reason = "what a call is made of")]
    pub(super) fn experts(
        &self,
        machine: &mut Machine,
        at: usize,
        it: &Step<'o>,
        call: &Call<'o>,
        experts: Experts,
        sizes: &[usize],
        site: Site,
    ) -> Result<View> {
        let (held, top) = (self.sizes[usize::from(experts.count)], self.sizes[usize::from(experts.top)]);
        let count = self.sizes[usize::from(self.whole(experts.count))];
        // Of all copies those that a rank of a mesh has.
        let first = self.shares.iter().find(|it| it.axis == experts.count).map_or(0, |it| it.index * held);
        let seat = self.seat_inside(at)?;
        let shares = self.seat.map(|seat| seat.rank.shares(call.op)).unwrap_or_default();
        let own = self.op.shapes[usize::from(self.op.value_of(at))];
        let along = match seat {
            None => tokens(call.op),
            // Those of all ranks, or a rank's share of them.
            Some(seat) => {
                let own =
                    |axis: &u8| shares.iter().find(|it| it.whole == *axis).filter(|it| given(call.op).has(it.axis));
                let own = |axis: &u8| own(axis).map_or(*axis, |it| it.axis);
                tokens(seat.whole).axes().iter().map(own).fold(Shape::SCALAR, Shape::with)
            }
        };
        // Where a token is on an axis of all ranks, and how many places there are.
        let place = |axis: u8, index: &[usize]| {
            let own = usize::from(axis);
            let share = shares.iter().find(|it| it.axis == axis);
            let of = share.map_or(sizes[own], |it| sizes[usize::from(it.whole)]);
            (share.map_or(0, |it| it.index * sizes[own]) + index[own], of)
        };
        let mut tokens = Vec::new();
        math::each(along.axes(), sizes, &mut |index| tokens.push(index.to_vec()));
        let entries = match experts.capacity.map(|capacity| check::counted(capacity, &self.sizes)) {
            Some(_) if seat.is_some() => {
                let message = "experts with room for a number of tokens can't be run on a mesh".to_owned();
                return Err(Error::Description { op: self.op.name.to_owned(), message });
            }
            Some(rows) => crowded(&tokens, count, top, rows),
            None => {
                // Which one of all tokens it is, on whatever rank.
                let number = |index: &[usize]| {
                    along.axes().iter().fold(0, |number, axis| {
                        let (place, of) = place(*axis, index);
                        number * of + place
                    })
                };
                let numbered: Vec<(usize, Vec<usize>)> =
                    tokens.into_iter().map(|index| (number(&index), index)).collect();
                routed(numbered, count, top)
            }
        };
        let here = first..first + held;
        let slice = |copy: usize| if here.contains(&copy) { copy - first } else { 0 };
        let copies = (0..count).map(|copy| self.inputs(machine, it, call, sizes, slice(copy)));
        let copies = copies.collect::<Result<Vec<_>>>()?;
        machine.experts = Some(Routed::default());
        let mut outputs: Vec<(Option<Vec<usize>>, View)> = Vec::new();
        for (copy, index) in entries.into_iter().filter(|(copy, _)| here.contains(copy)) {
            let (mut one, mut token) = (sizes.to_vec(), vec![Vec::new(); sizes.len()]);
            for axis in along.axes() {
                one[usize::from(*axis)] = 1;
                token[usize::from(*axis)] = index.iter().map(|index| place(*axis, index).0).collect();
            }
            if let Some(experts) = &mut machine.experts {
                experts.begin(copy);
            }
            let inputs = copies[copy].iter().zip(call.op.inputs).map(|(view, input)| match &index {
                Some(index) => {
                    along.axes().iter().fold(view.clone(), |view, axis| view.fixed(*axis, index[usize::from(*axis)]))
                }
                None if input.shape.covers(&along) => {
                    let len = input.shape.axes().iter().map(|axis| one[usize::from(*axis)]).product();
                    machine.buffers.push(Buffer::padding(len));
                    View::whole(machine.buffers.len() - 1, input.shape.axes(), &one)
                }
                None => view.clone(),
            });
            let body = Body::new(call.op, one.clone(), inputs.collect(), site.clone(), self.options, seat);
            if let Some(result) = (Body { token, ..body }).run(machine)?.into_iter().next() {
                machine.leave(&result);
                machine.hold(&result);
                outputs.push((index, result));
            }
            machine.close();
        }
        machine.experts = None;
        self.combine(machine, it, call, experts, &own, outputs, site)
    }

    /// Adds up what the copies gave, weighed by the gates if there are any.
    #[expect(clippy::too_many_arguments, reason = "what a call is made of")]
    fn combine(
        &self,
        machine: &mut Machine,
        it: &Step<'o>,
        call: &Call<'o>,
        experts: Experts,
        own: &Shape,
        outputs: Vec<(Option<Vec<usize>>, View)>,
        site: Site,
    ) -> Result<View> {
        let site: Site = site.into_iter().chain([usize::MAX]).collect();
        let run = machine.run(&site);
        let out = self.fresh(machine, run, own, &self.sizes, None);
        let gates = match it.args.last().and_then(|arg| arg.value()) {
            Some(gates) if experts.gated => Some(self.value(gates)?),
            _ => None,
        };
        if let Some(gates) = &gates {
            // Choosing the copies takes a look at every gate.
            self.each(&gates.shape(), &self.extent([gates].into_iter()), |index| {
                machine.load(run, gates, gates.at(index), None);
            });
        }
        for (token, view) in outputs {
            let view = self.outside(call, &view);
            let Some(token) = token else {
                // What came of a row without a token is in memory, and nothing looks at it.
                machine.hold(&view);
                continue;
            };
            let inner = call.op.outputs[0].shape;
            let mut sizes = self.sizes.clone();
            let mut offset = vec![0; sizes.len()];
            for axis in inner.axes() {
                let product = self.placed(call, *axis);
                if view.parts(product.axis(0)) == [Part { size: 1, stride: 0 }]
                    || view.parts(product.axis(0))[0].size == 1
                {
                    sizes[usize::from(product.axis(0))] = 1;
                    offset[usize::from(product.axis(0))] = token[usize::from(*axis)];
                }
            }
            math::each(own.axes(), &sizes, &mut |index| {
                let value = machine.load(run, &view, view.at(index), None);
                let place: Vec<usize> = index.iter().zip(&offset).map(|(a, b)| a + b).collect();
                machine.buffers[out.buffer].data[out.at(&place)] += value;
                machine.counted(run).vector += 1 + u128::from(gates.is_some());
            });
        }
        machine.leave(&out);
        machine.close();
        Ok(out)
    }
}

/// One token after the other, through copies around the circle: so as many as possible are used.
fn routed(tokens: Vec<(usize, Vec<usize>)>, count: usize, top: usize) -> Vec<Entry> {
    let turns =
        tokens.into_iter().flat_map(|(number, token)| (0..top).map(move |turn| (number * top + turn, token.clone())));
    turns.map(|(turn, token)| (turn % count.max(1), Some(token))).collect()
}

/// Copy by copy the tokens that it has room for, and then empty rows as far as there is more.
///
/// Tokens and copies go around their circles together, and on by one copy where a token would come to one again: so all come
/// up as often as each other, and none in one copy twice.
fn crowded(tokens: &[Vec<usize>], count: usize, top: usize, rows: usize) -> Vec<Entry> {
    let around = tokens.len() / greatest_common_divisor(tokens.len(), count).max(1) * count;
    let mut copies: Vec<Vec<Entry>> = vec![Vec::new(); count];
    for turn in 0..(tokens.len() * top).min(count * rows) {
        let copy = (turn + turn / around) % count;
        copies[copy].push((copy, Some(tokens[turn % tokens.len()].clone())));
    }
    for (copy, entries) in copies.iter_mut().enumerate() {
        entries.resize(rows, (copy, None));
    }
    copies.concat()
}

fn greatest_common_divisor(a: usize, b: usize) -> usize {
    if b == 0 { a } else { greatest_common_divisor(b, a % b) }
}

/// The axes along which tokens are told apart: those of the first activation that no parameter has. Tokens that have a
/// state in common come one after the other, so that they, too, use as many copies as possible.
fn tokens(op: &Op<'_>) -> Shape {
    let tokens = given(op).minus(&along(op, &[Role::Weight]));
    let apart = along(op, &[Role::State, Role::Cache]);
    let together = tokens.minus(&apart);
    tokens.minus(&together).union(&together)
}

/// The shape of the first activation.
fn given(op: &Op<'_>) -> Shape {
    op.inputs.iter().find(|input| !input.role.ownable()).map_or(Shape::SCALAR, |input| input.shape)
}

/// The axes of an operator that tensors of these roles have, its own and those inside.
fn along(op: &Op<'_>, roles: &[Role]) -> Shape {
    let own = op.inputs.iter().filter(|input| roles.contains(&input.role));
    let own = own.fold(Shape::SCALAR, |all, input| all.union(&input.shape));
    op.steps.iter().fold(own, |all, step| {
        let Kind::Call(call) = step.kind else { return all };
        let inside = along(call.op, roles);
        let placed = inside.axes().iter().filter_map(|axis| op.placed(&call, *axis).ok());
        placed.fold(all, |all, axes| all.union(&axes))
    })
}
