//! Loops of layers cut into stages: what the devices of one stage run, and what they hand to the next.
//!
//! A stage has some rounds of each loop of layers; the first one has what stands before them, the last one what stands after. What
//! a later stage uses goes from each to the next: the loops' variables, and what was computed before the loops.

use super::wrong;
use crate::error::Result;
use crate::library::{Definition, Input, Loop, Source, Step, copied};
use crate::op::{Arg, Dim, Loop as OpLoop, Op, Output, Role};

/// One stage of a pipeline.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stage {
    /// The axis of the mesh along which stages follow each other.
    pub over: String,
    /// The axes that say how many rounds loops of layers have; on a stage, how many it has of them.
    pub layers: Vec<String>,
    /// Whether it has what stands before the layers.
    pub first: bool,
    /// Whether it has what stands after them.
    pub last: bool,
}

/// What an operator's parameter is called that the stage before hands over.
const RECEIVED: &str = "received";

/// The operator of one stage, on one device; its axes are the same. What it is handed are parameters, what it hands on are results.
///
/// An error if its layers can't be told from what stands around them.
pub fn staged(source: &Source, stage: &Stage) -> Result<Source> {
    let (mut library, at) = copied(source);
    let it = library.definitions()[at].clone();
    let sliced = library.with(at, |op| Ok::<_, crate::error::Error>(Pipe::of(op, stage)?.slice(it, stage)))?;
    let at = library.add(sliced);
    Source::owned(std::sync::Arc::new(library), at)
}

/// Whether a parameter is what the stage before hands over.
pub(super) fn is_received(name: &str) -> bool {
    // No name that an author gives has a space in it.
    name.strip_prefix(RECEIVED).is_some_and(|rest| rest.starts_with(' '))
}

/// The outermost loops, of whose rounds stages may each have some: the axis that says how many there are, and the label.
pub fn layers<'o>(op: &Op<'o>) -> Vec<(u8, &'o str)> {
    let outermost = |it: &&OpLoop<'_>| {
        let around = |other: &OpLoop<'_>| {
            (other.start, other.end) != (it.start, it.end) && other.start <= it.start && it.end <= other.end
        };
        !it.guard && !it.fused && !op.loops.iter().any(around)
    };
    let loops = op.loops.iter().filter(outermost);
    loops.filter_map(|it| Some((axis(&it.times)?, it.label))).collect()
}

/// The axis that a size is, if it is one.
fn axis(size: &Dim<'_>) -> Option<u8> {
    size.product().filter(|axes| axes.rank() == 1).map(|axes| axes.axis(0))
}

/// An operator's layers, and the values that go from stage to stage.
struct Pipe<'o> {
    op: &'o Op<'o>,
    /// The first step of all layers, and the step after the last.
    begin: usize,
    end: usize,
    /// Each variable: what it is before all layers, and after.
    variables: Vec<(u16, u16)>,
    /// What is computed before the layers and used in them or after them.
    passed: Vec<u16>,
}

impl<'o> Pipe<'o> {
    fn of(op: &'o Op<'o>, stage: &Stage) -> Result<Self> {
        let is_layers = |it: &&OpLoop<'_>| {
            !it.guard
                && axis(&it.times).is_some_and(|axis| stage.layers.iter().any(|own| own == op.axes[usize::from(axis)]))
        };
        let loops: Vec<&OpLoop<'_>> = op.loops.iter().filter(is_layers).collect();
        let (Some(first), Some(last)) = (loops.first(), loops.last()) else {
            let axes = stage.layers.join(", ");
            return Err(wrong(op, format!("{} can't cut it into stages: no loop has {axes} rounds", stage.over)));
        };
        let (begin, end) = (usize::from(first.start), usize::from(last.end));
        let inside = |step: usize| loops.iter().any(|it| it.encloses(step));
        if let Some(between) = (begin..end).find(|step| !inside(*step)) {
            let name = op.steps[between].name;
            let message = format!("stages can't have a share of it: {name} stands between its loops of layers");
            return Err(wrong(op, message));
        }
        let across = |it: &OpLoop<'_>| {
            let (start, stop) = (usize::from(it.start), usize::from(it.end));
            start < end && stop > begin && !(start >= begin && stop <= end)
        };
        if op.loops.iter().any(across) {
            return Err(wrong(op, "stages can't have a share of loops that are inside another".to_owned()));
        }
        let mut pipe = Self { op, begin, end, variables: Vec::new(), passed: Vec::new() };
        pipe.follow(&loops)?;
        Ok(pipe)
    }

    /// Finds what goes from stage to stage.
    fn follow(&mut self, loops: &[&OpLoop<'_>]) -> Result<()> {
        let op = self.op;
        let mut starts = Vec::new();
        for (carry, _) in loops.iter().flat_map(|it| it.carried) {
            let Some(init) = op.step_of(*carry).and_then(|step| op.steps[step].args.first()?.value()) else { continue };
            starts.push(*carry);
            match self.variables.iter_mut().find(|(_, now)| *now == init) {
                Some((_, now)) => *now = *carry,
                None => self.variables.push((init, *carry)),
            }
        }
        let home = |value: u16| loops.iter().position(|it| op.step_of(value).is_some_and(|step| it.encloses(step)));
        for (step, it) in op.steps.iter().enumerate().skip(self.begin) {
            let here = loops.iter().position(|it| it.encloses(step));
            for value in it.args.iter().filter_map(|arg| arg.value()) {
                let there = home(value);
                let carried = starts.contains(&op.value_of(step));
                let before = op.step_of(value).is_some_and(|at| at < self.begin);
                if before && !carried {
                    self.pass(value)?;
                } else if there.is_some() && there != here && !carried && !self.is_variable(value) {
                    return Err(self.kept(value));
                }
            }
        }
        for output in op.outputs {
            let before = op.step_of(output.value).is_some_and(|at| at < self.begin);
            if before {
                self.pass(output.value)?;
            } else if home(output.value).is_some() && !self.is_variable(output.value) {
                return Err(self.kept(output.value));
            }
        }
        let other = self.variables.iter().find(|(init, _)| op.role_of(Arg::Value(*init)) != Role::Act);
        match other {
            Some((init, _)) => Err(self.kept(*init)),
            None => Ok(()),
        }
    }

    fn is_variable(&self, value: u16) -> bool {
        self.variables.iter().any(|(_, last)| *last == value)
    }

    fn pass(&mut self, value: u16) -> Result<()> {
        if self.op.role_of(Arg::Value(value)) != Role::Act {
            return Err(self.kept(value));
        }
        if !self.passed.contains(&value) {
            self.passed.push(value);
        }
        Ok(())
    }

    fn kept(&self, value: u16) -> crate::error::Error {
        let name = self.op.step_of(value).map_or("it", |step| self.op.steps[step].name);
        let name = if name.is_empty() { "it" } else { name };
        wrong(self.op, format!("stages can't have a share of its layers: {name} is kept for what other stages have"))
    }

    /// The steps that a stage has.
    fn slice(&self, it: Definition, stage: &Stage) -> Definition {
        let inputs = it.inputs.len();
        let from = if stage.first { 0 } else { self.begin };
        let to = if stage.last { it.steps.len() } else { self.end };
        let received: Vec<u16> = if stage.first { Vec::new() } else { self.handed(|(init, _)| init) };
        let sent: Vec<u16> = if stage.last { Vec::new() } else { self.handed(|(_, now)| now) };
        let value_of = |step: usize| u16::try_from(inputs + step).unwrap_or(u16::MAX);
        let ends = it.loops.iter().flat_map(|it| &it.carried).map(|(_, end)| *end);
        let args = it.steps[from..to].iter().flat_map(|step| &step.args).filter_map(|arg| arg.value());
        let results = it.outputs.iter().map(|output| output.value).filter(|_| stage.last);
        let used: Vec<u16> = args.chain(ends).chain(results).chain(sent.iter().copied()).collect();
        // What a variable begins with is handed over in its place, even if it was a parameter.
        let given = |value: u16| used.contains(&value) && !received.contains(&value);
        let kept: Vec<u16> = (0..value_of(0)).filter(|value| given(*value)).collect();
        let first = kept.len() + received.len();
        let now = |value: u16| -> u16 {
            let place = |at: usize| u16::try_from(at).unwrap_or(u16::MAX);
            if let Some(at) = received.iter().position(|own| *own == value) {
                return place(kept.len() + at);
            }
            match usize::from(value).checked_sub(inputs) {
                None => place(kept.iter().position(|own| *own == value).unwrap_or_default()),
                Some(step) => place(first + step.saturating_sub(from)),
            }
        };
        let name = |at: usize, value: u16| match self.op.step_of(value).map(|step| self.op.steps[step].name) {
            Some(name) if !name.is_empty() => format!("{RECEIVED} {name}"),
            _ => format!("{RECEIVED} {at}"),
        };
        let tied =
            |tied: crate::op::Tied| kept.contains(&tied.to).then(|| crate::op::Tied { to: now(tied.to), ..tied });
        let own = kept.iter().map(|value| {
            let input = &it.inputs[usize::from(*value)];
            Input { tied: input.tied.and_then(tied), ..input.clone() }
        });
        let handed = received.iter().enumerate().map(|(at, value)| Input {
            name: name(at, *value),
            role: Role::Act,
            shape: self.op.shapes[usize::from(*value)],
            format: None,
            hf: None,
            gguf: None,
            part: None,
            tied: None,
        });
        let new_inputs: Vec<Input> = own.chain(handed).collect();
        let steps = it.steps[from..to].iter().map(|step| {
            let args = step.args.iter().map(|arg| arg.value().map_or(*arg, |value| Arg::Value(now(value))));
            Step { args: args.collect(), ..step.clone() }
        });
        let steps: Vec<Step> = steps.collect();
        let inside = |it: &&Loop| usize::from(it.start) >= from && usize::from(it.end) <= to;
        let moved = |at: u16| u16::try_from(usize::from(at) - from).unwrap_or(u16::MAX);
        let loops = it.loops.iter().filter(inside).map(|it| Loop {
            start: moved(it.start),
            end: moved(it.end),
            carried: it.carried.iter().map(|(carry, end)| (now(*carry), now(*end))).collect(),
            ..it.clone()
        });
        let loops = loops.collect();
        let outputs = if stage.last {
            it.outputs.iter().map(|output| Output { value: now(output.value), ..*output }).collect()
        } else {
            let shape = |value: u16| self.op.shapes[usize::from(value)];
            sent.iter().map(|value| Output { value: now(*value), role: Role::Act, shape: shape(*value) }).collect()
        };
        Definition { inputs: new_inputs, steps, loops, outputs, shapes: Vec::new(), ..it }
    }

    /// What goes from stage to stage: of each variable what it is, then what is passed through.
    fn handed(&self, of: impl Fn((u16, u16)) -> u16) -> Vec<u16> {
        self.variables.iter().map(|it| of(*it)).chain(self.passed.iter().copied()).collect()
    }
}
