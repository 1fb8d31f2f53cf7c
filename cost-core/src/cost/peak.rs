//! The most activations that are in memory at one time.

use super::at::At;
use super::frame::Frame;
use super::num::Num;
use super::options::Options;
use super::written::is_written;
use crate::count::NO_KERNEL;
use crate::error::Result;
use crate::op::{Arg, Kind, OnMesh, Op, Returned, Role, Transfer};

/// Bits of activations that are in memory at the fullest moment: the operator's own inputs throughout, if anything reads
/// them, and what its kernels have written from then until its last use.
///
/// What a call is given lives as long as the call, and what a loop uses from outside as long as the loop. A variable that a
/// loop changes is a value of its own from the start of the loop on. What routed experts write exists for each token and
/// each expert that it goes through.
pub fn peak<N: Num>(op: &Op<'_>, sizes: &[N], options: &Options) -> Result<N> {
    At::with(op, sizes, options, |at| of(&at.frame, at.options))
}

/// The same of an outermost operator.
pub(super) fn of<N: Num>(frame: &Frame<'_, N>, options: &Options) -> Result<N> {
    let body = Body::new(frame, options)?;
    let mut sum = inside(frame, &body, options)?;
    for (i, input) in (0_u16..).zip(frame.op.inputs) {
        if matches!(input.role, Role::Act | Role::Ids) && (body.returns(frame.op, i) || body.reads(frame.op, i)) {
            let format = &frame.inputs[usize::from(i)].format;
            sum = sum.plus(&frame.bits(&input.shape, || frame.rows(i), format, options)?)?;
        }
    }
    Ok(sum)
}

/// Where the values of a body are in memory, and which of that each step that runs uses.
struct Body<'o, N> {
    /// For each value the one whose memory holds it; nothing if it is on chip alone, or no activation.
    of: Vec<Option<u16>>,
    /// For each step what it uses.
    uses: Vec<Vec<u16>>,
    /// The calls that run, in order: by which step, and what is called.
    calls: Vec<(usize, Frame<'o, N>, Self)>,
}

impl<'o, N: Num> Body<'o, N> {
    fn new(frame: &Frame<'o, N>, options: &Options) -> Result<Self> {
        let op = frame.op;
        let inputs = (0_u16..).zip(op.inputs);
        let of = inputs.map(|(i, input)| matches!(input.role, Role::Act | Role::Ids).then_some(i)).collect();
        let mut body = Self { of, uses: Vec::new(), calls: Vec::new() };
        for (step, it) in op.steps.iter().enumerate() {
            if let Kind::Call(call) = it.kind
                && runs(frame, step)?
            {
                let inner = frame.enter(step, &call, options)?;
                let called = Self::new(&inner, options)?;
                body.calls.push((step, inner, called));
            }
            let of = body.holds(frame, step)?;
            body.of.push(of);
            let uses = match it.kind {
                // A view is used where something uses it.
                Kind::Last { .. } | Kind::View { .. } | Kind::Windows(_) | Kind::Output(_) => Vec::new(),
                // A variable takes over what it was before.
                Kind::Carry if frame.parts.of(step) == NO_KERNEL => body.all(it.args, around(frame, step)?),
                Kind::Call(_) => body.all(it.args, body.called(step).is_some()),
                _ => body.all(it.args, runs(frame, step)?),
            };
            body.uses.push(uses);
        }
        Ok(body)
    }

    /// What a step calls, if it does and runs.
    fn called(&self, step: usize) -> Option<&(usize, Frame<'o, N>, Self)> {
        self.calls.iter().find(|(by, ..)| *by == step)
    }

    /// Whether a value's memory is that of something that is returned.
    fn returns(&self, op: &Op<'_>, value: u16) -> bool {
        op.outputs.iter().any(|output| self.of[usize::from(output.value)] == Some(value))
    }

    /// Whether any kernel that runs reads an input, here or in what is called.
    fn reads(&self, op: &Op<'_>, input: u16) -> bool {
        let mut users = op.steps.iter().enumerate().filter(|(step, _)| self.uses[*step].contains(&input));
        users.any(|(step, it)| {
            let (Kind::Call(call), Some((.., inner))) = (it.kind, self.called(step)) else { return true };
            let shows = |arg: Arg| arg.value().is_some_and(|value| self.of[usize::from(value)] == Some(input));
            let gates = it.args.last().filter(|_| call.experts.is_some_and(|experts| experts.gated));
            gates.is_some_and(|gates| shows(*gates))
                || (0..)
                    .take(call.op.inputs.len())
                    .any(|own| op.passed(it, &call, usize::from(own)).is_some_and(shows) && inner.reads(call.op, own))
        })
    }

    fn all(&self, args: &[Arg], there: bool) -> Vec<u16> {
        let args = args.iter().filter(|_| there).filter_map(|arg| arg.value());
        args.filter_map(|value| self.of[usize::from(value)]).collect()
    }

    /// The value whose memory holds what a step computes.
    fn holds(&self, frame: &Frame<'_, N>, step: usize) -> Result<Option<u16>> {
        let (op, it, parts) = (frame.op, &frame.op.steps[step], &frame.parts);
        let own = Some(op.value_of(step));
        let shown = |arg: Arg| self.of[usize::from(arg.value()?)];
        let before = it.args.first().and_then(|arg| shown(*arg));
        let written = is_written(frame, step)?;
        Ok(match it.kind {
            Kind::Append(_) | Kind::Write(_) => None,
            Kind::Carry if op.role_of(it.args[0]).ownable() => None,
            Kind::Carry if parts.of(step) == NO_KERNEL => own,
            Kind::Last { .. } | Kind::View { .. } if written => own,
            Kind::Last { .. } | Kind::View { .. } | Kind::Windows(_) => before,
            Kind::Carry if !written => before.filter(|_| !runs(frame, step).unwrap_or(true)),
            Kind::Call(_) | Kind::Output(_) => {
                let value = op.value_of(step);
                let (Some(Returned { call, by, output }), Some(at)) = (op.returned(value), op.call_of(value)) else {
                    return Ok(own);
                };
                if output.role.ownable() {
                    return Ok(None);
                }
                // What is sent away is where it was.
                if matches!(call.op.mesh, Some(OnMesh::Exchange(it)) if matches!(it.transfer, Transfer::Send)) {
                    return Ok(before);
                }
                // What others have sent is a value of its own.
                if matches!(call.op.mesh, Some(OnMesh::Exchange(it)) if it.transfer.moves()) {
                    return Ok(own);
                }
                // What is handed back as it came is where it was.
                let inner = self.called(at).filter(|_| call.experts.is_none());
                let back = inner.and_then(|(.., inner)| inner.of[usize::from(output.value)]);
                match back.filter(|value| usize::from(*value) < call.op.inputs.len()) {
                    Some(input) => op.passed(by, call, usize::from(input)).and_then(shown),
                    None => own,
                }
            }
            _ => own.filter(|_| written),
        })
    }
}

/// Whether the loops and conditions around a step let it run.
fn runs<N: Num>(frame: &Frame<'_, N>, step: usize) -> Result<bool> {
    Ok(!frame.multiplied(frame.repeats(step)?, frame.parts.guards(frame.op, step))?.is_zero())
}

/// Whether the loops around a step's kernel let it run, whatever conditions inside it leave out.
fn kernel_runs<N: Num>(frame: &Frame<'_, N>, step: usize) -> Result<bool> {
    Ok(!frame.repeats(step)?.is_zero())
}

/// Whether what is around the loop of a variable runs.
fn around<N: Num>(frame: &Frame<'_, N>, carry: usize) -> Result<bool> {
    let value = frame.op.value_of(carry);
    let loops = (0..).zip(frame.op.loops).filter(|(_, it)| it.encloses(carry));
    let loops = loops.filter(|(_, it)| !it.carried.iter().any(|(own, _)| *own == value)).map(|(at, _)| at);
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

fn inside<N: Num>(frame: &Frame<'_, N>, body: &Body<'_, N>, options: &Options) -> Result<N> {
    let op = frame.op;
    let live = live(frame, body, options)?;
    let at = |step: usize, born: bool, more: N| {
        let now = 2 * step + 1;
        let there = live.iter().filter(|it| it.from <= now && it.to >= now && (born || it.value != op.value_of(step)));
        there.map(|it| &it.bits).try_fold(more, |sum, bits| sum.plus(bits))
    };
    let mut peak = N::int(0);
    for step in 0..op.steps.len() {
        if let Some((_, called, inner)) = body.called(step) {
            // The result of a call is counted inside it.
            let one = inside(called, inner, options)?;
            let experts = matches!(op.steps[step].kind, Kind::Call(call) if call.experts.is_some());
            let Some(routed) = called.routed.as_ref().filter(|_| experts) else {
                peak = peak.most(&at(step, false, one)?)?;
                continue;
            };
            peak = peak.most(&at(step, false, routed.through(&one)?)?)?;
            // Then the results of all copies are added up.
            let value = op.value_of(step);
            let each = if routed.crowded {
                called.result_bits(&frame.held(Arg::Value(value), options).format, options)?
            } else {
                bits(frame, value, options)?
            };
            let results = routed.through(&each)?;
            peak = peak.most(&at(step, true, results)?)?;
        } else if frame.parts.of(step) != NO_KERNEL && frame.parts.last(op, step) == step {
            peak = peak.most(&at(step, true, N::int(0))?)?;
        }
    }
    Ok(peak)
}

fn bits<N: Num>(frame: &Frame<'_, N>, value: u16, options: &Options) -> Result<N> {
    let format = frame.held(Arg::Value(value), options).format;
    frame.bits(&frame.op.shapes[usize::from(value)], || frame.rows(value), &format, options)
}

/// All that the steps of a body have in memory.
fn live<N: Num>(frame: &Frame<'_, N>, body: &Body<'_, N>, options: &Options) -> Result<Vec<Live<N>>> {
    let (op, parts) = (frame.op, &frame.parts);
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
        if body.of[usize::from(value)] != Some(value)
            || !(if variable { around(frame, step)? } else { kernel_runs(frame, step)? })
        {
            continue;
        }
        let born = if variable { 2 * step + 2 } else { moment(step) };
        let own = op.loops.iter().find(|it| variable && it.carried.iter().any(|(carry, _)| *carry == value));
        let mut uses: Vec<usize> =
            (0..op.steps.len()).filter(|other| body.uses[*other].contains(&value)).map(moment).collect();
        if body.returns(op, value) {
            uses.push(usize::MAX);
        }
        for it in op.loops {
            let becomes = it.carried.iter().any(|(carry, end)| {
                let carry = op.step_of(*carry).is_some_and(|carry| parts.of(carry) == NO_KERNEL);
                carry && body.of[usize::from(*end)] == Some(value)
            });
            // What a variable becomes is there for the next round. Where its own loop ends with that one, it is by then what the
            // last round has made of it.
            let over = own.is_some_and(|own| own.end == it.end && it.start < own.start);
            if becomes && !over && runs(frame, usize::from(it.end) - 1)? {
                uses.push(2 * usize::from(it.end) - 1);
            }
        }
        for it in op.loops.iter().filter(|it| !it.guard && !it.encloses(step)) {
            let within = 2 * usize::from(it.start) + 1..2 * usize::from(it.end);
            if uses.iter().any(|at| within.contains(at)) {
                uses.push(within.end - 1);
            }
        }
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
