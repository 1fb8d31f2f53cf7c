//! The most activations that are in memory at one time.

use super::frame::Frame;
use super::num::Num;
use super::options::Options;
use crate::count::{self, NO_KERNEL, Partition};
use crate::error::Result;
use crate::op::{Arg, Kind, Op, Role};

/// Bits of activations that are in memory at the fullest moment: the operator's own inputs throughout, if anything reads
/// them, and what its kernels have written from then until its last use.
///
/// What a call is given lives as long as the call, and what a loop uses from outside as long as the loop. A variable that a
/// loop changes is a value of its own from the start of the loop on. What routed experts write exists for each token and
/// each expert that it goes through.
pub fn peak<N: Num>(op: &Op<'_>, sizes: &[N], options: &Options) -> Result<N> {
    let frame = Frame::root(op, sizes.to_vec(), options)?;
    let mut sum = inside(&frame, options)?;
    for (i, input) in (0_u16..).zip(op.inputs) {
        if matches!(input.role, Role::Act | Role::Ids)
            && (returned(&frame, options)? == Some(i) || read(&frame, i, options)?)
        {
            let (rows, format) = (frame.rows(i), &frame.inputs[usize::from(i)].format);
            sum = sum.plus(&frame.bits(&input.shape, &rows, format, options)?)?;
        }
    }
    Ok(sum)
}

/// The value whose memory holds the result.
fn returned<N: Num>(frame: &Frame<'_, N>, options: &Options) -> Result<Option<u16>> {
    let memory = Memory::new(frame, &Partition::new(frame.op), options)?;
    Ok(memory.of[usize::from(frame.op.result)])
}

/// Whether any kernel that runs reads an input, here or in what is called.
fn read<N: Num>(frame: &Frame<'_, N>, input: u16, options: &Options) -> Result<bool> {
    let (op, parts) = (frame.op, Partition::new(frame.op));
    let memory = Memory::new(frame, &parts, options)?;
    for (step, it) in op.steps.iter().enumerate().filter(|(step, _)| memory.uses[*step].contains(&input)) {
        let Kind::Call(call) = it.kind else { return Ok(true) };
        let shows = |arg: Arg| arg.value().is_some_and(|value| memory.of[usize::from(value)] == Some(input));
        if call.experts.is_some_and(|experts| experts.gated) && it.args.last().is_some_and(|arg| shows(*arg)) {
            return Ok(true);
        }
        let inner = frame.enter(step, &call, options)?;
        for own in (0..).take(call.op.inputs.len()) {
            if op.passed(it, &call, usize::from(own)).is_some_and(shows) && read(&inner, own, options)? {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// Where the values of a body are in memory, and which of that each step that runs uses.
struct Memory {
    /// For each value the one whose memory holds it; nothing if it is on chip alone, or no activation.
    of: Vec<Option<u16>>,
    /// For each step what it uses.
    uses: Vec<Vec<u16>>,
}

impl Memory {
    fn new<N: Num>(frame: &Frame<'_, N>, parts: &Partition, options: &Options) -> Result<Self> {
        let op = frame.op;
        let inputs = (0_u16..).zip(op.inputs);
        let of = inputs.map(|(i, input)| matches!(input.role, Role::Act | Role::Ids).then_some(i)).collect();
        let mut memory = Self { of, uses: Vec::new() };
        for (step, it) in op.steps.iter().enumerate() {
            let of = memory.holds(frame, parts, step, options)?;
            memory.of.push(of);
            let uses = match it.kind {
                // A view is used where something uses it.
                Kind::Last { .. } | Kind::View { .. } => Vec::new(),
                // A variable takes over what it was before.
                Kind::Carry if parts.of(step) == NO_KERNEL => memory.all(it.args, around(frame, step)?),
                _ => memory.all(it.args, runs(frame, step)?),
            };
            memory.uses.push(uses);
        }
        Ok(memory)
    }

    fn all(&self, args: &[Arg], there: bool) -> Vec<u16> {
        let args = args.iter().filter(|_| there).filter_map(|arg| arg.value());
        args.filter_map(|value| self.of[usize::from(value)]).collect()
    }

    /// The value whose memory holds what a step computes.
    fn holds<N: Num>(
        &self,
        frame: &Frame<'_, N>,
        parts: &Partition,
        step: usize,
        options: &Options,
    ) -> Result<Option<u16>> {
        let (op, it) = (frame.op, &frame.op.steps[step]);
        let own = Some(op.value_of(step));
        let before = it.args.first().and_then(|arg| self.of[usize::from(arg.value()?)]);
        let written = match count::written(op, parts, step) {
            Some(moved) => {
                let guards = count::guards(op, moved.step).filter(|_| moved.guarded);
                !frame.multiplied(N::int(1), guards)?.is_zero()
            }
            None => false,
        };
        Ok(match it.kind {
            Kind::Append(_) | Kind::Update => None,
            Kind::Carry if op.role_of(it.args[0]).ownable() => None,
            Kind::Carry if parts.of(step) == NO_KERNEL => own,
            Kind::Last { .. } | Kind::View { .. } if written => own,
            Kind::Last { .. } | Kind::View { .. } => before,
            Kind::Carry if !written => before.filter(|_| !runs(frame, step).unwrap_or(true)),
            Kind::Call(call) if call.experts.is_none() && runs(frame, step)? => {
                // What is handed back as it came is where it was.
                let inner = frame.enter(step, &call, options)?;
                match returned(&inner, options)?.filter(|value| usize::from(*value) < call.op.inputs.len()) {
                    Some(input) => op
                        .passed(it, &call, usize::from(input))
                        .and_then(Arg::value)
                        .and_then(|value| self.of[usize::from(value)]),
                    None => own,
                }
            }
            Kind::Call(_) => own,
            _ => own.filter(|_| written),
        })
    }
}

/// Whether the loops and conditions around a step let it run.
fn runs<N: Num>(frame: &Frame<'_, N>, step: usize) -> Result<bool> {
    Ok(!frame.multiplied(frame.repeats(step)?, count::guards(frame.op, step))?.is_zero())
}

/// Whether the loops around a step's kernel let it run, whatever conditions inside it leave out.
fn kernel_runs<N: Num>(frame: &Frame<'_, N>, step: usize) -> Result<bool> {
    Ok(!frame.repeats(step)?.is_zero())
}

/// Whether what is around the loop of a variable runs.
fn around<N: Num>(frame: &Frame<'_, N>, carry: usize) -> Result<bool> {
    let value = frame.op.value_of(carry);
    let loops = frame.op.loops.iter().filter(|it| it.encloses(carry));
    let loops = loops.filter(|it| !it.carried.iter().any(|(own, _)| *own == value));
    Ok(!frame.multiplied(frame.repeat.clone(), loops)?.is_zero())
}

/// A value in memory from one moment to another: step `i` takes place at moment `2·i + 1`, and what comes before step `i`
/// at `2·i`.
struct Live<N> {
    value: u16,
    bits: N,
    from: usize,
    to: usize,
}

fn inside<N: Num>(frame: &Frame<'_, N>, options: &Options) -> Result<N> {
    let (op, parts) = (frame.op, Partition::new(frame.op));
    let live = live(frame, &parts, options)?;
    let at = |step: usize, born: bool, more: N| {
        let now = 2 * step + 1;
        let there = live.iter().filter(|it| it.from <= now && it.to >= now && (born || it.value != op.value_of(step)));
        there.map(|it| &it.bits).try_fold(more, |sum, bits| sum.plus(bits))
    };
    let mut peak = N::int(0);
    for (step, it) in op.steps.iter().enumerate() {
        match it.kind {
            Kind::Call(call) if runs(frame, step)? => {
                // The result of a call is counted inside it.
                let inner = frame.enter(step, &call, options)?;
                let one = inside(&inner, options)?;
                let Some(routed) = &inner.routed.as_ref().filter(|_| call.experts.is_some()) else {
                    peak = peak.most(&at(step, false, one)?)?;
                    continue;
                };
                peak = peak.most(&at(step, false, one.times(&routed.top)?)?)?;
                // Then the results of all copies are added up.
                let results = bits(frame, op.value_of(step), options)?.times(&routed.top)?;
                peak = peak.most(&at(step, true, results)?)?;
            }
            Kind::Call(_) => {}
            _ if parts.of(step) != NO_KERNEL && parts.last(op, step) == step => {
                peak = peak.most(&at(step, true, N::int(0))?)?;
            }
            _ => {}
        }
    }
    Ok(peak)
}

fn bits<N: Num>(frame: &Frame<'_, N>, value: u16, options: &Options) -> Result<N> {
    let format = frame.held(Arg::Value(value), options).format;
    frame.bits(&frame.op.shapes[usize::from(value)], &frame.rows(value), &format, options)
}

/// All that the steps of a body have in memory.
fn live<N: Num>(frame: &Frame<'_, N>, parts: &Partition, options: &Options) -> Result<Vec<Live<N>>> {
    let op = frame.op;
    let memory = Memory::new(frame, parts, options)?;
    // A variable takes over what it was before when its loop begins, not in its rounds.
    let variable = |step: usize| matches!(op.steps[step].kind, Kind::Carry) && parts.of(step) == NO_KERNEL;
    let moment = |step: usize| {
        let begun = op.loops.iter().rfind(|it| variable(step) && it.encloses(step));
        begun.map_or_else(|| 2 * parts.last(op, step) + 1, |it| 2 * usize::from(it.start))
    };
    let mut live = Vec::new();
    for step in 0..op.steps.len() {
        let value = op.value_of(step);
        let variable = variable(step);
        if memory.of[usize::from(value)] != Some(value)
            || !(if variable { around(frame, step)? } else { kernel_runs(frame, step)? })
        {
            continue;
        }
        let born = if variable { 2 * step + 2 } else { moment(step) };
        let mut uses: Vec<usize> =
            (0..op.steps.len()).filter(|other| memory.uses[*other].contains(&value)).map(moment).collect();
        if memory.of[usize::from(op.result)] == Some(value) {
            uses.push(usize::MAX);
        }
        for it in op.loops {
            let becomes = it.carried.iter().any(|(carry, end)| {
                let carry = op.step_of(*carry).is_some_and(|carry| parts.of(carry) == NO_KERNEL);
                carry && memory.of[usize::from(*end)] == Some(value)
            });
            // What a variable becomes is there for the next round.
            if becomes && runs(frame, usize::from(it.end) - 1)? {
                uses.push(2 * usize::from(it.end) - 1);
            }
        }
        for it in op.loops.iter().filter(|it| !it.guard && !it.encloses(step)) {
            let within = 2 * usize::from(it.start) + 1..2 * usize::from(it.end);
            if uses.iter().any(|at| within.contains(at)) {
                uses.push(within.end - 1);
            }
        }
        let own = op.loops.iter().find(|it| variable && it.carried.iter().any(|(carry, _)| *carry == value));
        let end = own.map_or(usize::MAX, |it| 2 * usize::from(it.end));
        let bits = bits(frame, value, options)?;
        // After its loop a variable is what the last round has made of it.
        let (during, after): (Vec<usize>, Vec<usize>) = uses.into_iter().partition(|at| own.is_none() || *at < end);
        let last = during.into_iter().max().or((!variable).then_some(born));
        live.extend(last.map(|to| Live { value, bits: bits.clone(), from: born, to: to.max(born) }));
        live.extend(after.into_iter().max().map(|to| Live { value, bits, from: end, to }));
    }
    Ok(live)
}
