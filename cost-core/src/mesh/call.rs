//! Calls: what is called is cut for what it is given, and says what it returns.

use super::axes::{Axes, Ranks, index};
use super::body::Body;
use super::exchange::{Wanted, further};
use super::state::{Partial, State};
use super::step::crossed;
use super::{Results, wrong};
use crate::count::weight_axes;
use crate::error::Result;
use crate::library::{Call as OwnCall, Callee, Kind as Own, OnMesh, Size, size};
use crate::op::{Arg, Call, Experts, Input, Kind, Op, Reduce, Role, Routes, Shape, Transfer};

impl<'o> Body<'_, '_, 'o> {
    pub(super) fn call(&mut self, at: usize, call: &Call<'o>) -> Result<()> {
        match call.experts {
            Some(experts) if self.axes.over[usize::from(experts.count)] != 0 => self.experts(at, call, experts),
            _ => self.plainly(at, call),
        }
    }

    /// A call of what every rank has.
    fn plainly(&mut self, at: usize, call: &Call<'o>) -> Result<()> {
        let axes = self.axes.inside(self.op, call, self.cutter.mesh)?;
        let (given, operands) = self.operands(at, call, &axes, |_, _, _, now, _| now);
        let (place, returned) = self.cutter.definition(call.op, &axes, &given, Results::Left)?;
        let states: Vec<State> = call
            .op
            .outputs
            .iter()
            .zip(returned)
            .map(|(output, state)| self.outside(call, &axes, &output.shape, state))
            .collect();
        let kind = self.called(call, &axes, place, call.experts);
        let mut states = states.into_iter();
        self.put(at, Own::Call(kind), operands, states.next().unwrap_or(State::WHOLE));
        let first = self.value(at);
        for (number, state) in (1_u8..).zip(states) {
            let step = at + usize::from(number);
            if step < self.op.steps.len() && matches!(self.op.steps[step].kind, Kind::Output(_)) {
                self.put(step, Own::Plain(Kind::Output(number)), vec![Arg::Value(first)], state);
            }
        }
        Ok(())
    }

    /// What a call is given: the state of each input inside, and the operands here. `arriving` is told an input, the value for
    /// it, what that is here and the axes that are cut, and says what arrives.
    fn operands(
        &mut self,
        at: usize,
        call: &Call<'o>,
        axes: &Axes,
        mut arriving: impl FnMut(&mut Self, &Input<'_>, u16, u16, &Shape) -> u16,
    ) -> (Vec<State>, Vec<Arg>) {
        let it = self.op.steps[at];
        let why = self.needed_by(at);
        let (mut given, mut operands) = (Vec::new(), it.args.to_vec());
        for ((number, input), arg) in call.op.inputs.iter().enumerate().zip(self.op.all_passed(&it, call)) {
            let Some(value) = arg.and_then(Arg::value) else {
                given.push(axes.stored(call.op, number));
                continue;
            };
            // What several steps use, or several experts, is put together once, here.
            let several = call.experts.is_some() || self.uses(value) > 1;
            let state = if several { self.settled(value) } else { self.state(value).clone() };
            let (here, inside) = self.handed(call, axes, &input.shape, state);
            let now = self.made(value, &here, &why);
            let now = arriving(self, input, value, now, &here.cut);
            for (own, _) in operands.iter_mut().zip(it.args).filter(|(_, arg)| arg.value() == Some(value)) {
                *own = Arg::Value(now);
            }
            given.push(inside);
        }
        let gated = call.experts.is_some_and(|experts| experts.gated);
        if let (true, Some(Arg::Value(gates)), Some(last)) = (gated, it.args.last(), operands.last_mut()) {
            let state = State::cut(self.settled(*gates).cut);
            *last = Arg::Value(self.made(*gates, &state, &why));
        }
        (given, operands)
    }

    /// What a value is here that a step has computed.
    fn value(&self, at: usize) -> u16 {
        self.current(self.op.value_of(at))
    }

    /// The state in which a value is handed to an input of that shape, here and inside: an axis inside is cut as those here
    /// that it stands for, or not at all.
    fn handed(&self, call: &Call<'o>, axes: &Axes, shape: &Shape, state: State) -> (State, State) {
        let (mut here, mut inside) = (state.cut, Shape::SCALAR);
        for axis in shape.axes() {
            let placed = self.op.placed(call, *axis).unwrap_or(Shape::SCALAR);
            let along = crossed(&placed, &state.cut);
            if along.rank() == 0 {
                continue;
            }
            if self.axes.ranks(&along) == axes.over[usize::from(*axis)] {
                inside = inside.with(*axis);
            } else {
                here = here.minus(&along);
            }
        }
        let partial = state.partial;
        (State { cut: here, partial: partial.clone() }, State { cut: inside, partial })
    }

    /// The state here of what a call returns.
    fn outside(&self, call: &Call<'o>, axes: &Axes, shape: &Shape, state: State) -> State {
        let mut cut = Shape::SCALAR;
        for axis in crossed(shape, &state.cut).axes() {
            let over = axes.over[usize::from(*axis)];
            let placed = self.op.placed(call, *axis).unwrap_or(Shape::SCALAR);
            let own = placed.axes().iter().filter(|own| {
                let here = self.axes.over[usize::from(**own)];
                here != 0 && here & over == here
            });
            cut = own.copied().fold(cut, Shape::with);
        }
        State { cut, partial: state.partial }
    }

    /// The call of an operator that has been cut, which is told the size of each of its axes.
    fn called(&self, call: &Call<'o>, axes: &Axes, place: usize, experts: Option<Experts>) -> OwnCall {
        let mut bind: Vec<(String, Size)> = Vec::new();
        for (axis, name) in call.op.axes.iter().enumerate().filter(|(axis, _)| !call.op.derives(*axis)) {
            if let Some(bound) = self.op.bound(call, axis) {
                bind.push(((*name).to_owned(), size(&bound)));
            }
        }
        let mesh = self.cutter.mesh.axes.iter().enumerate();
        bind.extend(mesh.map(|(at, name)| (name.clone(), Size::axis(self.axes.mesh(at)))));
        let names = axes.names(call.op, self.cutter.mesh);
        bind.extend(axes.bound.iter().map(|(axis, size)| (names[usize::from(*axis)].clone(), size.clone())));
        OwnCall { callee: Callee::Own(place), bind, rest: false, experts }
    }

    /// Routed experts, of which each rank holds some.
    ///
    /// Where tokens are the same on all of those ranks, each rank adds what its experts make of them: a partial sum. Where ranks
    /// have tokens of their own, rows go to the ranks that hold one of their experts, and come back from there.
    fn experts(&mut self, at: usize, call: &Call<'o>, experts: Experts) -> Result<()> {
        let holders = self.axes.over[usize::from(experts.count)];
        if experts.capacity.is_some() {
            let axis = self.op.axes[usize::from(experts.count)];
            let said = format!("{axis} can't be cut: {} has room for a number of tokens", call.op.name);
            return Err(wrong(self.op, said));
        }
        if let Some((_, input)) =
            (0..).zip(call.op.inputs).find(|(number, input)| input.role.ownable() && writes(call.op, *number))
        {
            let (axis, name) = (self.op.axes[usize::from(experts.count)], input.name);
            let what = format!("{axis} can't be cut: its experts write {name}, which all of them have in common");
            return Err(wrong(self.op, what));
        }
        // Ranks that hold other experts don't share any of one.
        let axes = self.axes.inside(self.op, call, self.cutter.mesh)?.with_whole(&weight_axes(call.op), holders);
        let mut senders = 0;
        let (given, operands) = self.operands(at, call, &axes, |body, input, value, now, cut| {
            let over = body.axes.ranks(cut) & holders;
            if over == 0 || input.role != Role::Act {
                return now;
            }
            senders |= over;
            let shape = body.axes.shape(&body.shape_of(value), cut);
            body.routed(value, now, &shape, over, experts, false)
        });
        let (place, returned) = self.cutter.definition(call.op, &axes, &given, Results::Left)?;
        let place = self.held(place);
        let [output] = call.op.outputs else {
            return Err(wrong(self.op, "experts that return several values can't be cut".to_owned()));
        };
        let state = returned.into_iter().next().unwrap_or(State::WHOLE);
        let mut state = self.outside(call, &axes, &output.shape, state);
        let others = holders & !senders;
        if others != 0 {
            let name = self.name_of(self.op.value_of(at));
            let of = Shape::of(&[experts.count]);
            let own = self.partial(others, Reduce::Sum, &name, &of);
            state.partial = Some(match state.partial.take() {
                Some(it) => Partial { over: it.over | others, ..it },
                None => own,
            });
        }
        let mut kind =
            self.called(call, &axes, place, Some(Experts { count: self.axes.local(experts.count), ..experts }));
        kind.bind.push((ALL.to_owned(), Size::axis(experts.count)));
        kind.bind.push((FROM.to_owned(), self.axes.count(senders)));
        self.put(at, Own::Call(kind), operands, state);
        if senders != 0 {
            let value = self.op.value_of(at);
            let (now, state) = (self.current(value), self.state(value).clone());
            let shape = self.axes.shape(&self.shape_of(value), &state.cut);
            let back = self.routed(value, now, &shape, senders, experts, true);
            self.replace(value, back);
        }
        Ok(())
    }

    /// Rows of tokens on their way to experts, or back.
    fn routed(&mut self, value: u16, now: u16, shape: &Shape, over: Ranks, experts: Experts, back: bool) -> u16 {
        let first = further(shape, shape);
        let routes = Routes { experts: first, held: first + 1, top: first + 2, back };
        let further = vec![
            ("all experts", Size::axis(experts.count)),
            ("experts held", Size::axis(self.axes.local(experts.count))),
            ("experts used", Size::axis(experts.top)),
        ];
        let why = if back {
            "experts' results go back to their tokens"
        } else {
            "tokens go to the ranks that hold their experts"
        };
        let role = Role::Act;
        let (before, after) = (*shape, *shape);
        self.transfer(
            value,
            now,
            Wanted { transfer: Transfer::AllToAll(routes), over, before, after, role, further, why },
        )
    }

    /// An operator, by its place, as one of the experts that a rank holds.
    fn held(&mut self, place: usize) -> usize {
        let mut definition = self.cutter.library.definitions()[place].clone();
        let first = index(definition.axes.len());
        definition.axes.extend([ALL.to_owned(), FROM.to_owned()]);
        definition.mesh = Some(OnMesh::Experts { all: first, from: first + 1 });
        self.cutter.add(definition)
    }
}

/// Whether an operator, or what it calls, writes to something that it is given.
fn writes(op: &Op<'_>, given: u16) -> bool {
    let shown = |mut value: u16| {
        // What is written again is what was written before.
        while let Some(Kind::Append(_) | Kind::Write(_) | Kind::Carry) = op.step_of(value).map(|at| op.steps[at].kind) {
            let before = op.step_of(value).and_then(|at| op.steps[at].args.first()?.value());
            value = before.unwrap_or_default();
        }
        value
    };
    op.steps.iter().any(|step| match step.kind {
        Kind::Append(_) | Kind::Write(_) => step.args.first().and_then(|arg| arg.value()).map(shown) == Some(given),
        Kind::Call(call) => (0_u16..).zip(call.op.inputs).any(|(input, _)| {
            let passed = op.passed(step, &call, usize::from(input)).and_then(Arg::value);
            passed.map(shown) == Some(given) && writes(call.op, input)
        }),
        _ => false,
    })
}

/// The axis of all experts, on all ranks, in the operator that one of them is.
const ALL: &str = "all experts";
/// The axis of ranks that bring tokens.
const FROM: &str = "ranks with tokens";
