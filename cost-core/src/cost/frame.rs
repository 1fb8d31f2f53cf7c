//! One operator at given sizes, somewhere inside another: what its axes, tensors and shapes amount to there.

use std::borrow::Cow;

use super::experts::Routed;
use super::kernel::Origin;
use super::names::{called, join, place, snake};
use super::num::Num;
use super::options::{Options, Pattern, Stored};
use super::size::{self, derive, inside};
use super::windows::windows;
use crate::count::{self, Partition};
use crate::error::{Error, Result};
use crate::format::{Class, Format};
use crate::op::{Arg, Call, Dim, Input, Kind, Op, Returned, Role, Shape, Tied, Windows};

/// An operator with the sizes of its axes and what its inputs are.
#[derive(Clone)]
pub(super) struct Frame<'o, N> {
    pub(super) op: &'o Op<'o>,
    pub(super) sizes: Vec<N>,
    /// The sizes as they were given, where more are to be kept along an axis than there can be.
    pub(super) given: Option<Vec<N>>,
    /// The sizes with all tokens, where experts have room for a number of them.
    pub(super) whole: Option<Vec<N>>,
    pub(super) inputs: Vec<Held<'o>>,
    /// The enclosing calls, joined by dots.
    pub(super) path: String,
    /// Where it is called, if that is asked for.
    pub(super) origin: Origin,
    /// Where what it returns goes to.
    pub(super) results: Vec<Bound<'o>>,
    /// How often the whole operator runs.
    pub(super) repeat: N,
    /// The outermost loop that it is in: the calls and labels around it.
    pub(super) around: Option<String>,
    /// How it is routed, if it is one of many experts.
    pub(super) routed: Option<Routed<N>>,
    /// For each input the first one that is the same tensor: a call may be given one several times.
    pub(super) same: Vec<u16>,
    /// Which share of the parameters its weights count to.
    pub(super) part: Option<&'o str>,
    /// Whether anything asks for the paths of tensors.
    pub(super) names: bool,
    /// Whether the outermost operator keeps anything along an axis, or what it calls does.
    pub(super) keeps: bool,
    /// The windows that its steps see.
    pub(super) windows: Vec<Windows>,
    /// Its kernels.
    pub(super) parts: Partition,
}

/// Where something that an operator returns goes to.
#[derive(Clone)]
pub(super) struct Bound<'o> {
    /// The `let` that it is bound to; empty if none.
    pub(super) name: Cow<'o, str>,
    /// Its path.
    pub(super) path: String,
}

/// What an input really is.
#[derive(Clone)]
pub(super) struct Held<'o> {
    pub(super) role: Role,
    pub(super) format: Format,
    /// The class in which products with it multiply, if the model says.
    pub(super) multiply: Option<Class>,
    /// Whether it is in the memory of the device's host.
    pub(super) host: bool,
    /// Its path from the outermost operator.
    pub(super) path: String,
    pub(super) gguf: Option<&'o str>,
    pub(super) hf: Option<&'o str>,
    /// Whether this operator brings it along, rather than being given it by a call.
    pub(super) owned: bool,
    /// Whether it comes from outside of routed experts: all copies are given this one tensor.
    pub(super) shared: bool,
}

impl<'o, N: Num> Frame<'o, N> {
    /// The outermost operator.
    pub(super) fn root(op: &'o Op<'o>, mut sizes: Vec<N>, options: &Options) -> Result<Self> {
        if sizes.len() != op.axes.len() {
            return Err(Error::Sizes { op: op.name.to_owned(), expected: op.axes.len(), found: sizes.len() });
        }
        derive(op, &mut sizes)?;
        let inputs = op.inputs.iter().map(|input| owned(input, input.name.to_owned(), options));
        let mut frame = Self {
            inputs: inputs.collect(),
            op,
            sizes,
            given: None,
            whole: None,
            path: String::new(),
            origin: Origin::default(),
            results: op.outputs.iter().map(|_| Bound { name: snake(op.name).into(), path: snake(op.name) }).collect(),
            repeat: N::int(1),
            around: None,
            routed: None,
            same: (0..).take(op.inputs.len()).collect(),
            part: op.part,
            names: N::NAMES || options.ask_paths(),
            keeps: count::keeps(op),
            windows: windows(op),
            parts: Partition::new(op),
        };
        frame.tie()?;
        frame.capped()?.checked()
    }

    /// Makes weights that are tied the same tensor.
    fn tie(&mut self) -> Result<()> {
        for (i, input) in self.op.inputs.iter().enumerate() {
            let Some(tied) = input.tied.filter(|_| self.inputs[i].owned) else { continue };
            let other = &self.inputs[usize::from(tied.to)];
            if self.untied(tied)?.is_zero() {
                self.inputs[i] = Held { owned: false, ..other.clone() };
                self.same[i] = self.same[usize::from(tied.to)];
            } else if other.format != self.inputs[i].format {
                self.size(tied.when).at_most(&N::int(0), || {
                    let axis = self.op.axes[usize::from(tied.when)];
                    let message =
                        format!("{} has another format where {axis} is 1, so {axis} can't be free", input.name);
                    Error::Description { op: self.op.name.to_owned(), message }
                })?;
            }
        }
        Ok(())
    }

    /// 1 where a weight is one of its own, 0 where it is another one.
    pub(super) fn untied(&self, tied: Tied) -> Result<N> {
        let when = self.size(tied.when);
        when.at_most(&N::int(1), || Error::Condition { op: self.op.name.to_owned(), found: when.text(&[]) })?;
        N::int(1).minus(when)
    }

    /// How often a step's call runs, and how it is counted, where rounds of a loop whose tensors have formats of their own
    /// come apart; nothing where they don't, or in no loop.
    pub(super) fn rounds(&self, step: usize, options: &Options) -> Result<Vec<(N, Options)>> {
        if options.formats.rounds.is_empty() {
            return Ok(Vec::new());
        }
        let repeat = self.repeats(step)?;
        let place = self.place(step);
        let own = self.looped(step) && !repeat.is_zero();
        let rounds = options.formats.rounds.iter().filter(|rounds| own && rounds.place == place);
        let rounds = rounds.map(|rounds| {
            let times = self.repeat.times(&N::int(rounds.times))?;
            Ok((times, options.within(rounds)))
        });
        let rounds = rounds.collect::<Result<Vec<_>>>()?;
        if rounds.is_empty() {
            return Ok(rounds);
        }
        let total = rounds.iter().try_fold(N::int(0), |sum, (times, _)| sum.plus(times))?;
        let error = || {
            let (found, expected) = (total.text(self.op.axes), repeat.text(self.op.axes));
            let message = format!("formats are given for {found} rounds of its loop `{place}`; expected {expected}");
            Error::Description { op: self.op.name.to_owned(), message }
        };
        total.at_most(&repeat, error)?;
        repeat.at_most(&total, error)?;
        Ok(rounds)
    }

    /// Whether a loop repeats a step.
    fn looped(&self, step: usize) -> bool {
        self.op.loops.iter().any(|it| !it.guard && it.encloses(step))
    }

    /// The operator that a step calls.
    pub(super) fn enter(&self, step: usize, call: &Call<'o>, options: &Options) -> Result<Self> {
        let it = &self.op.steps[step];
        let path = called(self.place(step), call.op.name);
        let (sizes, given) = self.sizes_inside(call)?;
        let whole = self.whole.as_ref().map(|whole| inside(self.op, call, whole)).transpose()?;
        let args = self.op.all_passed(it, call);
        let inputs = call.op.inputs.iter().enumerate().zip(&args).map(|((i, input), arg)| match arg {
            Some(arg) => {
                let held = self.held(*arg, options).into_owned();
                let given = call.experts.is_some() && !count::sliced(self.op, it, call, i);
                Held { owned: false, shared: held.shared || given, ..held }
            }
            None => owned(input, self.named(|| join(&path, input.name)), options),
        });
        let inputs = inputs.collect();
        let tensor = |arg: &Option<Arg>| arg.and_then(Arg::value).map(|value| self.tensor(value));
        let tensors: Vec<Option<u16>> = args.iter().map(tensor).collect();
        let same = tensors.iter().zip(0..).map(|(tensor, own)| {
            let first = || tensors.iter().zip(0..).find(|(other, _)| *other == tensor);
            tensor.and_then(|_| first()).map_or(own, |(_, first)| first)
        });
        let same = same.collect();
        let repeat = self.repeats(step)?;
        let mut frame = Self {
            op: call.op,
            sizes,
            given,
            whole,
            inputs,
            path,
            origin: Origin::default(),
            results: (step..).take(call.op.outputs.len()).map(|step| self.bound(step)).collect(),
            repeat,
            around: self.around.clone().or_else(|| self.looped(step).then(|| self.place(step))),
            routed: self.routed.as_ref().map(|routed| routed.inside(self.op, call)),
            same,
            part: call.op.part.or(self.part),
            names: self.names,
            keeps: self.keeps,
            windows: windows(call.op),
            parts: Partition::new(call.op),
        };
        if let Some(experts) = call.experts {
            frame.route(self, experts)?;
        }
        frame.tie()?;
        frame.capped()?.checked()
    }

    /// Where what a step computes goes to.
    fn bound(&self, step: usize) -> Bound<'o> {
        if step < self.op.steps.len() {
            Bound { name: self.name_of(step), path: self.named(|| self.path_of(step)) }
        } else {
            Bound { name: Cow::Borrowed(""), path: String::new() }
        }
    }

    pub(super) fn size(&self, axis: u8) -> &N {
        &self.sizes[usize::from(axis)]
    }

    /// The product of the sizes of axes, whatever a mask leaves of them.
    pub(super) fn product(&self, axes: &Shape) -> Result<N> {
        axes.axes().iter().try_fold(N::int(1), |product, axis| product.times(self.size(*axis)))
    }

    /// The tensor that a value shows: the same number for all names that it goes by here.
    pub(super) fn tensor(&self, value: u16) -> u16 {
        let value = count::origin(self.op, value);
        self.same.get(usize::from(value)).copied().unwrap_or(value)
    }

    /// A size in terms of the operator's axes.
    pub(super) fn dim(&self, dim: &Dim<'_>) -> Result<N> {
        size::dim(self.op, dim, &self.sizes)
    }

    /// What a value is: an input, or an activation of its own.
    pub(super) fn held(&self, arg: Arg, options: &Options) -> Cow<'_, Held<'o>> {
        let Some(value) = arg.value() else {
            return Cow::Owned(computed(None, String::new(), options));
        };
        let value = count::origin(self.op, value);
        match self.op.step_of(value) {
            None => Cow::Borrowed(&self.inputs[usize::from(value)]),
            Some(step) => Cow::Owned(match self.owned_inside(value, options) {
                Some(held) => held,
                None => computed(self.op.format_of(Arg::Value(value)), self.named(|| self.path_of(step)), options),
            }),
        }
    }

    /// A tensor that a call owns and hands out.
    fn owned_inside(&self, value: u16, options: &Options) -> Option<Held<'o>> {
        self.op.returned(value).filter(|it| it.output.role.ownable())?;
        handed_out(self.op, value, &self.path, options, self.names)
    }

    /// The class of numbers in which a step of a kernel multiplies its operands.
    pub(super) fn multiplies(&self, step: usize, kernel: &str, options: &Options) -> Class {
        let [a, b] = *self.op.steps[step].args else { return Class::F16 };
        if !options.multiply.is_empty() {
            let operands = [self.held(a, options), self.held(b, options)];
            let named = |pattern: &Pattern| {
                let mut names = operands.iter().flat_map(|it| [Some(it.path.as_str()), it.gguf, it.hf]).flatten();
                pattern.matches(kernel) || names.any(|name| pattern.matches(name))
            };
            if let Some(class) = options.multiply(named) {
                return class;
            }
        }
        let own = |arg: Arg| arg.value().and_then(|value| self.inputs.get(usize::from(count::origin(self.op, value))));
        let said = [own(a), own(b)].into_iter().flatten().find_map(|held| held.multiply);
        said.unwrap_or_else(|| self.format(a, options).base.class.common(self.format(b, options).base.class))
    }

    /// The number format of a value.
    pub(super) fn format(&self, arg: Arg, options: &Options) -> Format {
        let computed = |declared, path: &str| options.formats.of_act(declared, path).format;
        let Some(value) = arg.value() else { return computed(None, "") };
        let value = count::origin(self.op, value);
        match self.op.step_of(value) {
            None => self.inputs[usize::from(value)].format,
            Some(step) => match self.owned_inside(value, options) {
                Some(held) => held.format,
                None => computed(self.op.format_of(Arg::Value(value)), &self.named(|| self.path_of(step))),
            },
        }
    }

    /// How often a step's kernel or call runs.
    pub(super) fn repeats(&self, step: usize) -> Result<N> {
        self.multiplied(self.repeat.clone(), self.parts.repeats(self.op, step))
    }

    /// How often a step runs in one run of its kernel, where its conditions hold.
    pub(super) fn rounds_on_chip(&self, step: usize) -> Result<N> {
        let fused = self.parts.guards(self.op, step).map(|it| &self.op.loops[it]).filter(|it| !it.guard);
        fused.map(|it| self.dim(&it.times)).try_fold(N::int(1), |product, times| product.times(&times?))
    }

    /// 1 where all conditions around a step inside its kernel hold, else 0.
    pub(super) fn guarded(&self, step: usize) -> Result<N> {
        if self.parts.guarded(step) {
            self.multiplied(N::int(1), self.parts.guards(self.op, step))
        } else {
            Ok(N::int(1))
        }
    }

    /// A number of times, as often as some loops run; those that stay in a kernel count as conditions.
    pub(super) fn multiplied(&self, start: N, loops: impl Iterator<Item = usize>) -> Result<N> {
        let mut product = start;
        for at in loops {
            let it = &self.op.loops[at];
            let mut times = self.dim(&it.times)?;
            if it.guard {
                let error = || Error::Condition { op: self.op.name.to_owned(), found: times.text(&[]) };
                times.at_most(&N::int(1), error)?;
            } else if self.parts.stays(at) {
                times = times.least(&N::int(1))?;
            }
            product = product.times(&times)?;
        }
        Ok(product)
    }

    /// 1 if any use of an input is left by the conditions around it, here and in what it is handed to; 0 if none is.
    pub(super) fn read_at_all(&self, value: u16, options: &Options) -> Result<N> {
        let (op, one) = (self.op, N::int(1));
        let always = self.multiplied(one.clone(), count::presence(op, value))?;
        let mut none = one.clone();
        let mut uses = op.steps.iter().enumerate().filter(|(_, it)| it.args.contains(&Arg::Value(value))).peekable();
        if always.is_zero() || op.output(value).is_some() || uses.peek().is_none() {
            return Ok(always);
        }
        for (step, it) in uses {
            let mut used = self.multiplied(one.clone(), count::further_conditions(op, step, value))?;
            if let Kind::Call(call) = it.kind
                && !used.is_zero()
            {
                let (inner, mut unread) = (self.enter(step, &call, options)?, one.clone());
                for input in (0..).take(call.op.inputs.len()) {
                    if op.passed(it, &call, usize::from(input)) == Some(Arg::Value(value)) {
                        unread = unread.times(&one.minus(&inner.read_at_all(input, options)?)?)?;
                    }
                }
                used = used.times(&one.minus(&unread)?)?;
            }
            let unused = one.minus(&used)?;
            if unused.is_zero() {
                return Ok(always);
            }
            none = none.times(&unused)?;
        }
        always.times(&one.minus(&none)?)
    }
}

/// The tensor that an operator at some path hands out as one of its values.
fn handed_out<'o>(op: &'o Op<'o>, value: u16, path: &str, options: &Options, names: bool) -> Option<Held<'o>> {
    let value = count::origin(op, value);
    if let Some(input) = op.inputs.get(usize::from(value)) {
        let path = if names { join(path, input.name) } else { String::new() };
        return Some(owned(input, path, options));
    }
    let Returned { call, output, .. } = op.returned(value)?;
    let by = op.call_of(value)?;
    let path = if names { called(place(op, path, by), call.op.name) } else { String::new() };
    handed_out(call.op, output.value, &path, options, names)
}

/// An input that an operator brings along.
fn owned<'o>(input: &Input<'o>, path: String, options: &Options) -> Held<'o> {
    let Stored { format, multiply, host } = options.formats.of_input(input, &path);
    Held { role: input.role, format, multiply, host, path, gguf: input.gguf, hf: input.hf, owned: true, shared: false }
}

/// An activation of that path.
fn computed<'o>(declared: Option<Format>, path: String, options: &Options) -> Held<'o> {
    let Stored { format, multiply, host } = options.formats.of_act(declared, &path);
    Held { role: Role::Act, format, multiply, host, path, gguf: None, hf: None, owned: true, shared: false }
}
