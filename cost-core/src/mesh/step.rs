//! What each primitive makes of what ranks have of its operands.
//!
//! A partial sum goes through what is linear in it; everything else needs its value first. An axis that a step looks
//! along must be whole, unless the step can put together what it finds along shares of it.

use super::axes::Ranks;
use super::body::Body;
use super::exchange::Wanted;
use super::state::{Partial, State};
use super::wrong;
use crate::error::Result;
use crate::library::{Kind as Own, plain};
use crate::op::{Arg, Cut, Kind, Map, Reduce, Shape, Transfer, Windows, Zip};

impl Body<'_, '_, '_> {
    /// Puts a step into the body.
    pub(super) fn step(&mut self, at: usize) -> Result<()> {
        let it = self.op.steps[at];
        let args: Vec<u16> = it.args.iter().filter_map(|arg| arg.value()).collect();
        let why = self.needed_by(at);
        match it.kind {
            Kind::Dot(over) => self.dot(at, &args, &over, &why),
            Kind::Zip(zip) => self.zip(at, zip, &args, &why),
            Kind::Map(Map::Scale | Map::Neg | Map::Rope) | Kind::Store | Kind::Dequant => {
                let state = self.state(args[0]).clone();
                let mut state = if state.sum().is_none() { self.settled(args[0]) } else { state };
                if let (Kind::Map(Map::Rope), [.., last]) = (it.kind, self.shape_of(args[0]).axes()) {
                    // It turns pairs of positions along the last axis.
                    state.cut = state.cut.minus(&Shape::of(&[*last]));
                }
                self.alike(at, &args, it.kind, state, &why);
            }
            Kind::Map(_) | Kind::Cast => {
                let state = self.settled(args[0]);
                self.alike(at, &args, it.kind, state, &why);
            }
            Kind::Reduce(how, over) => self.reduce(at, how, &args, &over, &why),
            Kind::Norm(norm, over) => {
                let state = self.settled(args[0]);
                let along = crossed(&state.cut, &over);
                let kind = Kind::Norm(norm, self.axes.shape(&over, &state.cut));
                if along.rank() > 0 {
                    let value = self.statistics(args[0], &state, norm.statistics(), &along);
                    self.put(at, Own::Plain(kind), vec![Arg::Value(value)], state);
                } else {
                    self.alike(at, &args, kind, state, &why);
                }
            }
            Kind::Gather(of) => self.gather(at, of, &args, &why),
            Kind::Take { of, .. }
            | Kind::Put { of, .. }
            | Kind::Among { of, .. }
            | Kind::Top { of, .. }
            | Kind::Windows(Windows { of, .. }) => {
                self.joined(at, &args, &Shape::of(&[of]), it.kind, &why);
            }
            Kind::Last { of, keep } => self.last(at, &args, of, keep, &why),
            Kind::View { of, to } => self.view(at, &args, &of, &to, &why),
            Kind::Append(_) | Kind::Write(_) | Kind::Before(_) | Kind::Slide { .. } => {
                return self.stateful(at, &args, it.kind, &why);
            }
            Kind::Carry => self.carry(at, args[0]),
            Kind::Call(call) => return self.call(at, &call),
            // The call has noted it.
            Kind::Output(_) => {}
        }
        Ok(())
    }

    /// Why a step needs an operand.
    pub(super) fn needed_by(&self, at: usize) -> String {
        let name = self.op.steps[at].name;
        match self.op.steps[at].kind {
            _ if !name.is_empty() => format!("{name} needs it"),
            Kind::Call(call) => format!("{} needs it", call.op.name),
            _ => "the step after it needs it".to_owned(),
        }
    }

    /// A step of one operand whose result has the same state.
    fn alike(&mut self, at: usize, args: &[u16], kind: Kind<'_>, state: State, why: &str) {
        let value = self.made(args[0], &state, why);
        self.put(at, Own::Plain(plain(kind)), vec![Arg::Value(value)], state);
    }

    /// The axes that the index space of some values is cut along, at most one over each rank: those that computed values are
    /// cut along come first, then those of parameters and caches, then those that were only scattered.
    pub(super) fn common(&self, args: &[u16], whole: &Shape, taken: Ranks) -> Shape {
        let (mut cut, mut taken) = (Shape::SCALAR, taken);
        for round in 0..3 {
            for value in args {
                let stored = self.op.role_of(Arg::Value(*value)).ownable();
                for axis in self.state(*value).cut.axes() {
                    let over = self.axes.over[usize::from(*axis)];
                    let scattered = self.axes.scattered.has(*axis);
                    let now = match round {
                        0 => !stored && !scattered,
                        1 => stored,
                        _ => scattered,
                    };
                    if now && !whole.has(*axis) && !cut.has(*axis) && over & taken == 0 {
                        cut = cut.with(*axis);
                        taken |= over;
                    }
                }
            }
        }
        cut
    }

    /// A value as a step sees it whose index space is cut so.
    fn seen(&mut self, value: u16, cut: &Shape, why: &str) -> Arg {
        let own = crossed(&self.shape_of(value), cut);
        Arg::Value(self.made(value, &State::cut(own), why))
    }

    fn dot(&mut self, at: usize, args: &[u16], over: &Shape, why: &str) {
        let cut = self.common(args, &Shape::SCALAR, 0);
        let operands = args.iter().map(|value| self.seen(*value, &cut, why)).collect();
        let along = crossed(over, &cut);
        let name = self.name_of(self.op.value_of(at));
        let ranks = self.axes.ranks(&along);
        let partial = (ranks != 0).then(|| self.partial(ranks, Reduce::Sum, &name, &along));
        let kind = Kind::Dot(self.axes.shape(over, &cut));
        self.put(at, Own::Plain(kind), operands, State { cut: cut.minus(&along), partial });
    }

    fn zip(&mut self, at: usize, zip: Zip, args: &[u16], why: &str) {
        let partial = self.linear(at, zip, args);
        let taken = partial.as_ref().map_or(0, |it| it.over);
        let cut = match &partial {
            // The others are the same on all ranks that a sum is spread over.
            Some(_) => self.common(args, &Shape::SCALAR, taken),
            None => {
                let settled = args.iter().fold(Shape::SCALAR, |all, value| all.union(&self.settled(*value).cut));
                self.common_of(args, &settled)
            }
        };
        let once = partial.as_ref().filter(|_| matches!(zip, Zip::Add | Zip::Sub));
        let mut operands = Vec::new();
        for arg in self.op.steps[at].args {
            let Some(value) = arg.value() else {
                operands.push(*arg);
                continue;
            };
            let own = crossed(&self.shape_of(value), &cut);
            let partial = if self.state(value).partial.is_some() && partial.is_some() {
                self.state(value).partial.clone()
            } else {
                once.cloned()
            };
            operands.push(Arg::Value(self.made(value, &State { cut: own, partial }, why)));
        }
        self.put(at, Own::Plain(Kind::Zip(zip)), operands, State { cut, partial });
    }

    /// As [`Self::common`] of values that are put together first, which may be cut along axes that they weren't.
    fn common_of(&self, args: &[u16], settled: &Shape) -> Shape {
        let mut cut = self.common(args, &Shape::SCALAR, 0);
        for axis in settled.minus(&cut).axes() {
            if self.axes.over[usize::from(*axis)] & self.axes.ranks(&cut) == 0 {
                cut = cut.with(*axis);
            }
        }
        cut
    }

    /// The partial sum that comes of combining values of which one is, if it is linear in that one and nothing grows.
    fn linear(&self, at: usize, zip: Zip, args: &[u16]) -> Option<Partial> {
        let numbers = args.len() < self.op.steps[at].args.len();
        let first = self.op.steps[at].args[0].value();
        let (value, partial) = args.iter().rev().find_map(|value| Some((*value, self.state(*value).sum()?)))?;
        let others = || args.iter().filter(|other| **other != value);
        let same = |other: &u16| self.state(*other).sum().is_some_and(|it| it.over == partial.over);
        let whole = |other: &u16| {
            self.state(*other).partial.is_none()
                && self.ranks_of(*other) & partial.over == 0
                && self.shape_of(value).covers(&self.shape_of(*other))
        };
        let linear = match zip {
            Zip::Add | Zip::Sub => !numbers && others().all(|other| same(other) || whole(other)),
            Zip::Mul => numbers || others().next().is_some() && others().all(whole),
            Zip::Div => first == Some(value) && (numbers || others().next().is_some() && others().all(whole)),
            Zip::Maximum | Zip::Minimum => false,
        };
        linear.then(|| partial.clone())
    }

    fn reduce(&mut self, at: usize, how: Reduce, args: &[u16], over: &Shape, why: &str) {
        let state = self.state(args[0]).clone();
        let kept = state.sum().cloned().filter(|_| matches!(how, Reduce::Sum));
        let state = if kept.is_some() { state } else { self.settled(args[0]) };
        let along = crossed(&state.cut, over);
        let ranks = self.axes.ranks(&along);
        let name = self.name_of(self.op.value_of(at));
        let partial = match kept {
            Some(it) => Some(Partial { over: it.over | ranks, ..it }),
            None => (ranks != 0).then(|| self.partial(ranks, how, &name, &along)),
        };
        let value = self.made(args[0], &state, why);
        let kind = Kind::Reduce(how, self.axes.shape(over, &state.cut));
        self.put(at, Own::Plain(kind), vec![Arg::Value(value)], State { cut: state.cut.minus(&along), partial });
    }

    /// Exchanges what a normalisation has to know of whole rows.
    fn statistics(&mut self, value: u16, state: &State, count: u64, along: &Shape) -> u16 {
        let now = self.made(value, state, "a normalisation needs it");
        let shape = self.axes.shape(&self.shape_of(value), &state.cut);
        let names: Vec<&str> = along.axes().iter().map(|axis| self.op.axes[usize::from(*axis)]).collect();
        let why = format!("a normalisation over {} needs whole rows", names.join(", "));
        let transfer = Transfer::Statistics(u8::try_from(count).unwrap_or(u8::MAX));
        let over = self.axes.ranks(along);
        let role = self.op.role_of(Arg::Value(value));
        self.transfer(
            value,
            now,
            Wanted { transfer, over, before: shape, after: shape, role, further: Vec::new(), why: &why },
        )
    }

    /// Looks up rows: of a table that is cut along them each rank finds some, and adds nothing for the others.
    fn gather(&mut self, at: usize, of: u8, args: &[u16], why: &str) {
        let cut = self.common(&[args[1], args[0]], &Shape::SCALAR, 0);
        let operands = args.iter().map(|value| self.seen(*value, &cut, why)).collect();
        let along = crossed(&Shape::of(&[of]), &cut);
        let ranks = self.axes.ranks(&along);
        let name = self.name_of(self.op.value_of(at));
        let partial = (ranks != 0).then(|| self.partial(ranks, Reduce::Sum, &name, &along));
        let kind = Kind::Gather(if cut.has(of) { self.axes.local(of) } else { of });
        self.put(at, Own::Plain(kind), operands, State { cut: cut.minus(&along), partial });
    }

    /// A step that looks along some axes, which are whole in all its operands.
    fn joined(&mut self, at: usize, args: &[u16], whole: &Shape, kind: Kind<'_>, why: &str) {
        let cut = self.common(args, whole, 0);
        let operands = args.iter().map(|value| self.seen(*value, &cut, why)).collect();
        let shape = self.shape_of(self.op.value_of(at));
        self.put(at, Own::Plain(plain(kind)), operands, State::cut(crossed(&shape, &cut)));
    }

    /// The last positions of an axis: where it is cut, the last ranks have them.
    fn last(&mut self, at: usize, args: &[u16], of: u8, keep: u8, why: &str) {
        let state = self.settled(args[0]);
        if !state.cut.has(of) {
            self.joined(at, args, &Shape::of(&[of]), Kind::Last { of, keep }, why);
            return;
        }
        let now = self.made(args[0], &state, why);
        let (shape, cut) = (self.shape_of(args[0]), state.cut.minus(&Shape::of(&[of])));
        let before = self.axes.shape(&shape, &state.cut);
        let after = self.axes.shape(&shape.replace(of, keep), &cut);
        let transfer = Transfer::Last(Cut { whole: keep, share: self.axes.local(of) });
        let over = self.axes.over[usize::from(of)];
        let why = format!("the last ranks have the last of {}; {why}", self.op.axes[usize::from(of)]);
        let role = self.op.role_of(Arg::Value(args[0]));
        let value = self.op.value_of(at);
        let now =
            self.transfer(value, now, Wanted { transfer, over, before, after, role, further: Vec::new(), why: &why });
        self.set(now, State::cut(cut));
    }

    /// The same elements along other axes: an axis that is cut must be the first of those that go, and the first of those that
    /// come must be cut in the same way.
    fn view(&mut self, at: usize, args: &[u16], of: &Shape, to: &Shape, why: &str) {
        let state = State::cut(self.settled(args[0]).cut);
        let along = crossed(&state.cut, of);
        let (from, onto) = (of.axis(0), to.axis(0));
        let over = |axis: u8| self.axes.over[usize::from(axis)];
        let kept = along.same(&Shape::of(&[from])) && over(from) == over(onto) && !self.axes.scattered.has(from);
        let (want, cut, kind) = if along.rank() == 0 {
            (state.clone(), state.cut, Kind::View { of: *of, to: *to })
        } else if kept {
            let first = |shape: &Shape, axis: u8| shape.replace(axis, self.axes.local(axis));
            let kind = Kind::View { of: first(of, from), to: first(to, onto) };
            (state.clone(), state.cut.minus(&along).with(onto), kind)
        } else {
            let cut = state.cut.minus(&along);
            (State::cut(cut), cut, Kind::View { of: *of, to: *to })
        };
        let value = self.made(args[0], &want, why);
        self.put(at, Own::Plain(kind), vec![Arg::Value(value)], State::cut(cut));
    }

    /// What is done to a cache or a state, which stays cut as it is; what goes into it comes cut alike.
    fn stateful(&mut self, at: usize, args: &[u16], kind: Kind<'_>, why: &str) -> Result<()> {
        let state = self.state(args[0]).clone();
        if state.partial.is_some() {
            return Err(wrong(self.op, "a cache or a state that is a partial result can't be written".to_owned()));
        }
        // An activation may be slid over, too.
        let (along, state) = match kind {
            Kind::Slide { over, width } => (Shape::of(&[over, width]), state),
            Kind::Before(over) => (Shape::of(&[over]), state),
            _ => (Shape::SCALAR, state),
        };
        let kept = State::cut(state.cut.minus(&along));
        let mut operands = vec![Arg::Value(self.made(args[0], &kept, why))];
        for value in &args[1..] {
            let own = crossed(&self.shape_of(*value), &kept.cut);
            operands.push(Arg::Value(self.made(*value, &State::cut(own), why)));
        }
        let kind = match kind {
            Kind::Append(of) if kept.cut.has(of) => Kind::Append(self.axes.local(of)),
            kind => plain(kind),
        };
        self.put(at, Own::Plain(kind), operands, kept);
        Ok(())
    }
}

/// The axes that two shapes have in common.
pub(super) fn crossed(a: &Shape, b: &Shape) -> Shape {
    a.minus(&a.minus(b))
}
