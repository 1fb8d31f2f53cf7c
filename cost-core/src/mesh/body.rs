//! A body as one rank runs it, put together step by step.

use super::axes::{Axes, Ranks};
use super::exchange::Wanted;
use super::state::{Partial, State};
use super::{Cutter, Results, Stage, wrong};
use crate::error::Result;
use crate::library::{Callee, Definition, Kind, Loop, Step, definition, size};
use crate::op::{self, Arg, Cut, Mask, Op, Output, Role, Shape, Transfer};

/// Why a variable is put together.
const GOES_ON: &str = "what comes after it needs it";
/// Why what a stage returns is exchanged.
const SENT: &str = "the next stage goes on with it";

pub(super) struct Body<'b, 'm, 'o> {
    pub(super) cutter: &'b mut Cutter<'m>,
    pub(super) op: &'b Op<'o>,
    pub(super) axes: &'b Axes,
    /// The operator as it was, but for what it calls.
    pub(super) before: Definition,
    pub(super) steps: Vec<Step>,
    names: Vec<String>,
    /// For each value what it is here, and what ranks have of it.
    values: Vec<(u16, State)>,
    /// Values in other states than they were computed in.
    made: Vec<(u16, State, u16)>,
    /// Whether the step that is being put together never runs.
    pub(super) dead: bool,
    open: Vec<Open>,
    /// The conditions whose variables are put together before them, as they aren't partial sums after them.
    firm: Vec<usize>,
    loops: Vec<(usize, Loop)>,
}

/// A loop that is being put together.
struct Open {
    number: usize,
    start: usize,
    /// The state of each variable, throughout.
    states: Vec<State>,
    made: usize,
    /// How much there was before it.
    before: Mark,
}

/// How many steps, values, conversions and loops there are before a step.
#[derive(Clone, Copy)]
struct Mark {
    at: usize,
    steps: usize,
    values: usize,
    made: usize,
    loops: usize,
}

impl<'b, 'm, 'o> Body<'b, 'm, 'o> {
    pub(super) fn new(cutter: &'b mut Cutter<'m>, op: &'b Op<'o>, axes: &'b Axes, given: &[State]) -> Self {
        let before = definition(op, &mut |_| Callee::Unknown);
        let names = axes.names(op, cutter.mesh);
        let values = (0..).zip(given.iter().cloned()).collect();
        let (made, open, firm, loops) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Self { cutter, op, axes, before, steps: Vec::new(), names, values, made, dead: false, open, firm, loops }
    }

    /// The definition, and the states of what it returns.
    pub(super) fn run(mut self, results: Results) -> Result<(Definition, Vec<State>)> {
        let shapes: Vec<Shape> = self
            .op
            .inputs
            .iter()
            .zip(&self.values)
            .map(|(input, (_, it))| self.axes.shape(&input.shape, &it.cut))
            .collect();
        let mut at = 0;
        loop {
            if let Some(again) = self.close(at) {
                at = again;
            } else if at == self.op.steps.len() {
                break;
            }
            self.dead = self.never(|it| usize::from(it.start) < at && it.encloses(at));
            self.enter(at);
            self.dead = self.never(|it| it.encloses(at));
            self.step(at)?;
            at = self.values.len() - self.op.inputs.len();
        }
        self.dead = false;
        let (mut outputs, mut returned) = (Vec::new(), Vec::new());
        let sends = self.cutter.mesh.stage.clone().filter(|_| results == Results::Sent);
        for output in self.op.outputs {
            if let Some(stage) = &sends {
                let state = self.axes.handed(&output.shape);
                let value = self.sent(output.value, &state, stage);
                outputs.push(Output { value, shape: self.axes.shape(&output.shape, &state.cut), ..*output });
                returned.push(state);
                continue;
            }
            let state = self.state(output.value).clone();
            let stored = output.role.ownable();
            let kept = |axis: &&u8| self.cutter.mesh.kept.iter().any(|name| *name == self.op.axes[usize::from(**axis)]);
            let cut = state.cut.axes().iter().filter(kept).copied().fold(Shape::SCALAR, Shape::with);
            let state = if results == Results::Whole && !stored { State::cut(cut) } else { state };
            let value = self.made(output.value, &state, "it is the result");
            let shape = self.axes.shape(&output.shape, &state.cut);
            outputs.push(Output { value, shape, ..*output });
            returned.push(state);
        }
        Ok((self.definition(shapes, outputs)?, returned))
    }

    /// What a value is once it has gone to the next stage.
    fn sent(&mut self, value: u16, state: &State, stage: &Stage) -> u16 {
        let now = self.made(value, state, SENT);
        let shape = self.axes.shape(&self.shape_of(value), &state.cut);
        let over = self.cutter.mesh.axes.iter().position(|name| *name == stage.over);
        let over = over.map_or(0, |axis| 1 << axis);
        let (transfer, role, further) = (Transfer::Send, Role::Act, Vec::new());
        self.transfer(value, now, Wanted { transfer, over, before: shape, after: shape, role, further, why: SENT })
    }

    fn definition(mut self, shapes: Vec<Shape>, outputs: Vec<Output>) -> Result<Definition> {
        let root = self.axes.bound.is_empty();
        let queries = self.op.mask.axes().filter(|(s, t)| self.pairs_are_cut(*s, *t)).map(|(s, _)| s);
        let axes = self.axes.names(self.op, self.cutter.mesh);
        let derived = self.axes.derived(self.op, self.cutter.mesh, root)?;
        let mut inputs = self.before.inputs;
        for (input, shape) in inputs.iter_mut().zip(shapes) {
            input.shape = shape;
        }
        self.loops.sort_by_key(|(number, _)| *number);
        let loops = self.loops.into_iter().map(|(_, it)| it).filter(|it| it.start < it.end).collect();
        let local = |axis: u8| if self.axes.scattered.has(axis) { axis } else { self.axes.local(axis) };
        let tile = self.before.tile.map(|(axis, size)| (local(axis), size));
        let mask = masked(self.op, &|axis| if Some(axis) == queries { self.axes.local(axis) } else { local(axis) })?;
        let steps = self.steps;
        Ok(Definition { axes, derived, inputs, steps, loops, outputs, mask, tile, shapes: Vec::new(), ..self.before })
    }

    /// Whether ranks have their own queries of all pairs of queries and keys.
    fn pairs_are_cut(&self, s: u8, t: u8) -> bool {
        let pairs = |value: &usize| self.op.shapes[*value].has(s) && self.op.shapes[*value].has(t);
        let mut pairs = (self.op.inputs.len()..self.values.len()).filter(pairs).peekable();
        pairs.peek().is_some() && pairs.all(|value| self.values[value].1.cut.has(s))
    }

    /// What ranks have of a value as it was computed.
    pub(super) fn state(&self, value: u16) -> &State {
        &self.values[usize::from(value)].1
    }

    pub(super) fn shape_of(&self, value: u16) -> Shape {
        self.op.shapes[usize::from(value)]
    }

    /// What a value is here, as it was computed.
    pub(super) fn current(&self, value: u16) -> u16 {
        self.values[usize::from(value)].0
    }

    /// Goes on with something else in a value's place.
    pub(super) fn replace(&mut self, value: u16, by: u16) {
        self.values[usize::from(value)].0 = by;
    }

    /// The ranks that a value is cut over.
    pub(super) fn ranks_of(&self, value: u16) -> Ranks {
        self.axes.ranks(&self.state(value).cut)
    }

    /// A value in some state, by whatever exchanges that takes.
    pub(super) fn made(&mut self, value: u16, want: &State, why: &str) -> u16 {
        let (mut now, mut state) = self.values[usize::from(value)].clone();
        if state.like(want) {
            return now;
        }
        if let Some((.., made)) = self.made.iter().find(|(of, state, _)| *of == value && state.like(want)) {
            return *made;
        }
        let kept = |it: &Partial| want.partial.as_ref().is_some_and(|own| (own.over, own.how) == (it.over, it.how));
        if let Some(partial) = state.partial.clone().filter(|it| !kept(it)) {
            let why = format!("{}; {why}", partial.why);
            let scattered = want.cut.minus(&state.cut);
            let onto =
                scattered.axes().iter().find(|axis| self.axes.over[usize::from(**axis)] == partial.over).copied();
            let (transfer, cut) = match onto {
                Some(axis) => (Transfer::ReduceScatter(partial.how, self.cut_of(axis)), state.cut.with(axis)),
                None => (Transfer::AllReduce(partial.how), state.cut),
            };
            now = self.exchange(value, now, (transfer, partial.over), [&state.cut, &cut], &why);
            state = State::cut(cut);
        }
        for axis in state.cut.minus(&want.cut).axes().to_vec() {
            let cut = state.cut.minus(&Shape::of(&[axis]));
            let over = self.axes.over[usize::from(axis)];
            let why = format!("it is cut along {}; {why}", self.op.axes[usize::from(axis)]);
            now = self.exchange(value, now, (Transfer::AllGather(self.cut_of(axis)), over), [&state.cut, &cut], &why);
            state.cut = cut;
        }
        for axis in want.cut.minus(&state.cut).axes().to_vec() {
            let cut = state.cut.with(axis);
            let over = self.axes.over[usize::from(axis)];
            now = self.exchange(value, now, (Transfer::Share(self.cut_of(axis)), over), [&state.cut, &cut], why);
            state.cut = cut;
        }
        if let (None, Some(partial)) = (&state.partial, &want.partial) {
            now = self.exchange(value, now, (Transfer::Once, partial.over), [&state.cut, &state.cut], why);
        }
        self.made.push((value, want.clone(), now));
        now
    }

    fn cut_of(&self, axis: u8) -> Cut {
        Cut { whole: axis, share: self.axes.local(axis) }
    }

    /// Emits an exchange of a value over some ranks, by which it becomes cut otherwise.
    fn exchange(&mut self, value: u16, now: u16, by: (Transfer, Ranks), cuts: [&Shape; 2], why: &str) -> u16 {
        let shape = self.shape_of(value);
        let [before, after] = cuts.map(|cut| self.axes.shape(&shape, cut));
        let ((transfer, over), role) = (by, self.op.role_of(Arg::Value(value)));
        self.transfer(value, now, Wanted { transfer, over, before, after, role, further: Vec::new(), why })
    }

    /// Emits an exchange of what a value is now; of what never runs nothing moves.
    pub(super) fn transfer(&mut self, value: u16, now: u16, wanted: Wanted<'_>) -> u16 {
        let transfer = if self.dead { Transfer::Once } else { wanted.transfer };
        let wanted = Wanted { transfer, ..wanted };
        let name = self.name_of(value);
        let step = wanted.step(self.cutter, self.axes, &self.names, now, &name);
        self.emit(step)
    }

    /// What a value is called, or what computes it.
    pub(super) fn name_of(&self, value: u16) -> String {
        match self.op.step_of(value) {
            None => self.op.inputs[usize::from(value)].name.to_owned(),
            Some(step) => self.op.steps[step].name.to_owned(),
        }
    }

    /// How often a value is used.
    pub(super) fn uses(&self, value: u16) -> usize {
        let args = self.op.steps.iter().flat_map(|step| step.args).filter(|arg| arg.value() == Some(value)).count();
        let carried = self.op.loops.iter().flat_map(|it| it.carried).filter(|(_, end)| *end == value).count();
        args + carried + usize::from(self.op.output(value).is_some())
    }

    /// The state in which a value goes on where its elements are needed: put together, if it is a partial result, and cut along
    /// an axis that is scattered if nothing else is cut over the same ranks.
    pub(super) fn settled(&self, value: u16) -> State {
        let state = self.state(value);
        let taken = self.axes.ranks(&state.cut);
        let act = self.op.role_of(Arg::Value(value)) == Role::Act;
        let shape = self.shape_of(value);
        // Pairs of queries and keys stay as they are: their mask is one of all queries, or of a share of them.
        let pairs = self.op.mask.axes().is_some_and(|(s, t)| shape.has(s) && shape.has(t));
        let onto = shape.axes().iter().find(|axis| {
            let over = self.axes.over[usize::from(**axis)];
            act && !pairs && self.axes.scattered.has(**axis) && over & taken == 0 && !state.cut.has(**axis)
        });
        State::cut(onto.map_or(state.cut, |axis| state.cut.with(*axis)))
    }

    pub(super) fn emit(&mut self, step: Step) -> u16 {
        self.steps.push(step);
        u16::try_from(self.op.inputs.len() + self.steps.len() - 1).unwrap_or(u16::MAX)
    }

    /// Emits what a step has become, and notes the state of its value.
    pub(super) fn put(&mut self, at: usize, kind: Kind, args: Vec<Arg>, state: State) {
        let step = Step { kind, args, annotated: None, ..self.before.steps[at].clone() };
        let value = self.emit(step);
        self.values.push((value, state));
    }

    /// Notes what has become of a step's value.
    pub(super) fn set(&mut self, value: u16, state: State) {
        self.values.push((value, state));
    }

    /// Begins the loops that begin at a step: variables have one state throughout.
    fn enter(&mut self, at: usize) {
        let begins: Vec<usize> =
            (0..self.op.loops.len()).filter(|it| usize::from(self.op.loops[*it].start) == at).collect();
        let (steps, values, made, loops) = (self.steps.len(), self.values.len(), self.made.len(), self.loops.len());
        let before = Mark { at, steps, values, made, loops };
        let mut opened = Vec::new();
        for number in begins {
            let mut states = Vec::new();
            for (carry, _) in self.op.loops[number].carried {
                let Some(init) = self.op.step_of(*carry).and_then(|step| self.op.steps[step].args[0].value()) else {
                    continue;
                };
                // A variable of a loop that begins here too has no state yet: that of what it was before.
                let init = self.first(init);
                let firm = !self.op.loops[number].guard || self.firm.contains(&number);
                let summed = !firm && self.state(init).sum().is_some() || self.is_off(number);
                // A condition may add to a partial sum, or leave it.
                let state = if summed { self.state(init).clone() } else { self.settled(init) };
                self.made(init, &state, GOES_ON);
                states.push(state);
            }
            opened.push((number, states));
        }
        for (number, states) in opened {
            self.open.push(Open { number, start: self.steps.len(), states, made: self.made.len(), before });
        }
    }

    /// What a variable was before its loop, if that has only just begun.
    fn first(&self, value: u16) -> u16 {
        let mut value = value;
        while usize::from(value) >= self.values.len() {
            let before = self.op.step_of(value).and_then(|step| self.op.steps[step].args[0].value());
            value = before.unwrap_or_default();
        }
        value
    }

    /// A variable of a loop.
    pub(super) fn carry(&mut self, at: usize, init: u16) {
        let value = self.op.value_of(at);
        let place = |open: &Open| self.op.loops[open.number].carried.iter().position(|(carry, _)| *carry == value);
        let state = self.open.iter().find_map(|open| place(open).and_then(|at| open.states.get(at).cloned()));
        let state = state.unwrap_or(State::WHOLE);
        let now = self.made(init, &state, GOES_ON);
        self.put(at, Kind::Plain(op::Kind::Carry), vec![Arg::Value(now)], state);
    }

    /// Ends the loops that end before a step. Where a condition's variable was a partial sum and isn't one any more, it begins
    /// again with the sum put together, at the step that this gives.
    fn close(&mut self, at: usize) -> Option<usize> {
        while let Some(open) = self.open.pop_if(|open| usize::from(self.op.loops[open.number].end) == at) {
            let it = &self.op.loops[open.number];
            self.dead = self.never(|around| around.start <= it.start && it.end <= around.end);
            let mut sums = it.carried.iter().zip(&open.states).filter(|(_, state)| state.partial.is_some());
            if !self.dead && sums.any(|((_, end), _)| self.state(*end).partial.is_none()) {
                self.firm.push(open.number);
                return Some(self.back(open.before));
            }
            let mut carried = Vec::new();
            for ((carry, end), state) in it.carried.iter().zip(&open.states) {
                let end = self.made(*end, state, GOES_ON);
                carried.push((self.values[usize::from(*carry)].0, end));
            }
            self.made.truncate(open.made);
            let place = |at: usize| u16::try_from(at).unwrap_or(u16::MAX);
            let times = size(&it.times);
            let label = it.label.to_owned();
            let (start, end) = (place(open.start), place(self.steps.len()));
            self.loops
                .push((open.number, Loop { times, guard: it.guard, fused: it.fused, label, start, end, carried }));
        }
        None
    }

    /// Whether a loop has no rounds, whatever the sizes are.
    fn is_off(&self, number: usize) -> bool {
        self.axes.value(&size(&self.op.loops[number].times)) == Some(0)
    }

    /// Whether any of some loops has no rounds.
    fn never(&self, around: impl Fn(&op::Loop<'_>) -> bool) -> bool {
        (0..self.op.loops.len()).any(|it| around(&self.op.loops[it]) && self.is_off(it))
    }

    /// Goes back to where things were.
    fn back(&mut self, to: Mark) -> usize {
        self.steps.truncate(to.steps);
        self.values.truncate(to.values);
        self.made.truncate(to.made);
        self.loops.truncate(to.loops);
        self.open.retain(|open| open.before.at < to.at);
        to.at
    }

    pub(super) fn partial(&self, over: Ranks, how: op::Reduce, value: &str, axes: &Shape) -> Partial {
        let named: Vec<&str> = axes.axes().iter().map(|axis| self.op.axes[usize::from(*axis)]).collect();
        let what = match how {
            op::Reduce::Sum => "sum",
            op::Reduce::Mean => "mean",
            op::Reduce::Max => "maximum",
        };
        let value = if value.is_empty() { "it" } else { value };
        Partial { over, how, why: format!("{value} is a partial {what} over {}", named.join(", ")) }
    }
}

/// A mask in terms of what a rank has of its axes. The queries that one rank has are the last ones: it is the busiest.
fn masked(op: &Op<'_>, local: &dyn Fn(u8) -> u8) -> Result<Mask> {
    let mut mask = op.mask;
    let keys = match &mut mask {
        Mask::None => return Ok(mask),
        // The rank with the oldest keys is the busiest: every query sees them.
        Mask::Causal { t, .. } if local(*t) != *t => return Ok(Mask::None),
        Mask::Window { s, t, .. } => {
            (*s, *t) = (local(*s), local(*t));
            return Ok(mask);
        }
        Mask::Causal { s, t }
        | Mask::Around { s, t, .. }
        | Mask::Selected { s, t, .. }
        | Mask::Chunked { s, t, .. }
        | Mask::Within { s, t, .. }
        | Mask::Blocks { s, m: t, .. } => {
            *s = local(*s);
            *t
        }
    };
    if local(keys) == keys {
        return Ok(mask);
    }
    let axis = op.axes[usize::from(keys)];
    Err(wrong(op, format!("{axis} can't be cut: its mask leaves a query only some of the keys along it")))
}
