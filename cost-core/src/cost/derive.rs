//! From descriptions to kernels: the one derivation, for integers and for formulas alike.

use std::collections::{HashMap, HashSet};

use super::at::At;
use super::frame::Frame;
use super::kernel::{Flops, Kernel, Operand};
use super::names::joined;
use super::num::Num;
use super::options::Options;
use super::routes::Route;
use super::traffic::Reads;
use super::work::Shaped;
use super::written::written;
use crate::count::{self, NO_KERNEL, Unit, Work};
use crate::error::Result;
use crate::op::{Call, Kind, Op, Role, Step};

/// The kernels of an operator at these axis sizes, in the order in which they run. Kernels that never run are left out.
pub fn kernels<N: Num>(op: &Op<'_>, sizes: &[N], options: &Options) -> Result<Vec<Kernel<N>>> {
    At::with(op, sizes, options, |at| of(&at.frame, at.options))
}

/// The kernels of an outermost operator.
pub(super) fn of<N: Num>(frame: &Frame<'_, N>, options: &Options) -> Result<Vec<Kernel<N>>> {
    let mut found = Vec::with_capacity(16);
    walk(frame, options, &mut found)?;
    number(&mut found);
    Ok(found)
}

fn walk<N: Num>(frame: &Frame<'_, N>, options: &Options, found: &mut Vec<Kernel<N>>) -> Result<()> {
    let (op, parts) = (frame.op, &frame.parts);
    let mut step = 0;
    while step < op.steps.len() {
        if let Kind::Call(call) = op.steps[step].kind {
            let rounds = frame.rounds(step, options)?;
            if rounds.is_empty() {
                called(frame, (step, 0), &call, &frame.repeats(step)?, options, found)?;
            } else {
                let mut each = Vec::with_capacity(rounds.len());
                for (round, (repeat, options)) in (0..).zip(&rounds) {
                    let mut own = Vec::new();
                    called(frame, (step, round), &call, repeat, options, &mut own)?;
                    each.push(own);
                }
                merge(each, found)?;
            }
            step += 1;
        } else if parts.of(step) == NO_KERNEL {
            step += 1;
        } else {
            let end = parts.last(op, step) + 1;
            let repeat = frame.repeats(step)?;
            if !repeat.is_zero() {
                let condition = repeat.clone();
                let kernel = condition.under(|| kernel(frame, step..end, repeat, options))?;
                // Nothing is left of a kernel all of whose conditions are absent.
                if !kernel.operands.is_empty() {
                    found.push(kernel);
                }
            }
            step = end;
        }
    }
    Ok(())
}

/// The kernels of a call, by a step and in rounds that are stored alike, that runs so often.
fn called<N: Num>(
    frame: &Frame<'_, N>,
    (step, round): (usize, u16),
    call: &Call<'_>,
    repeat: &N,
    options: &Options,
    found: &mut Vec<Kernel<N>>,
) -> Result<()> {
    if repeat.is_zero() {
        return Ok(());
    }
    repeat.under(|| {
        let origin = frame.origin.inside(step, round);
        let inner = Frame { origin, repeat: repeat.clone(), ..frame.enter(step, call, options)? };
        if let Some(route) = call.experts.and(inner.routed.as_ref()).map(Route::of).transpose()?.flatten() {
            route.admits(options.routing)?;
        }
        walk(&inner, options, found)?;
        if call.experts.is_some() {
            found.push(combine(frame, &inner, step, options)?);
        }
        Ok(())
    })
}

/// Adds the kernels of the rounds of a loop, kernel by kernel: those with the same formats are one.
fn merge<N: Num>(each: Vec<Vec<Kernel<N>>>, found: &mut Vec<Kernel<N>>) -> Result<()> {
    let mut each: Vec<_> = each.into_iter().map(Vec::into_iter).collect();
    loop {
        let before = found.len();
        for kernel in each.iter_mut().filter_map(Iterator::next) {
            match found[before..].iter_mut().find(|other| other.is_stored_like(&kernel)) {
                Some(other) => other.repeat = other.repeat.plus(&kernel.repeat)?,
                None => found.push(kernel),
            }
        }
        if found.len() == before {
            return Ok(());
        }
    }
}

fn kernel<N: Num>(
    frame: &Frame<'_, N>,
    steps: core::ops::Range<usize>,
    repeat: N,
    options: &Options,
) -> Result<Kernel<N>> {
    let (op, parts) = (frame.op, &frame.parts);
    let (mut flops, mut reads, mut writes) = (Flops::zero(), Reads::new(frame), Vec::new());
    let mut names = Vec::new();
    // Views of what is in memory may stand in between.
    let own = || steps.clone().filter(|step| parts.of(*step) == parts.of(steps.start));
    for step in own() {
        for arg in 0..op.steps[step].args.len() {
            reads.add(step, arg, options)?;
        }
        if let Some(operand) = written(frame, step, options)? {
            writes.push(operand);
            names.push(frame.name_of(step));
        }
    }
    let mut operands = reads.operands(writes.len(), options)?;
    operands.append(&mut writes);
    names.retain(|name| !name.is_empty());
    names.dedup();
    let name = match names.as_slice() {
        // A kernel that computes nothing with a name goes by its last operation, unless a call names it.
        [] if frame.path.is_empty() || op.output(op.value_of(steps.end - 1)).is_none() => frame.label(steps.end - 1),
        [name] => name.clone(),
        names => names.join("+").into(),
    };
    let path = joined(frame.place(steps.start), &name);
    for step in own() {
        add_work(frame, step, &path, &mut flops, options)?;
    }
    let shaped = Shaped::of(frame, &own(), options)?;
    Ok(Kernel { path, origin: frame.origin.at(steps.start), repeat, flops, shaped, operands })
}

/// Adds the work of a step of a kernel, unless it is under a condition that is absent.
pub(super) fn add_work<N: Num>(
    frame: &Frame<'_, N>,
    step: usize,
    kernel: &str,
    flops: &mut Flops<N>,
    options: &Options,
) -> Result<()> {
    let (op, parts) = (frame.op, &frame.parts);
    let present = if parts.guarded(step) {
        frame.multiplied(N::int(1), parts.guards(op, step).filter(|it| op.loops[*it].guard))?
    } else {
        N::int(1)
    };
    if present.is_zero() {
        return Ok(());
    }
    present.under(|| work(frame, step, kernel, &present, flops, options))
}

fn work<N: Num>(
    frame: &Frame<'_, N>,
    step: usize,
    kernel: &str,
    present: &N,
    flops: &mut Flops<N>,
    options: &Options,
) -> Result<()> {
    let Some(work) = count::work(frame.op, step) else {
        return Ok(());
    };
    let per_element = per_element(frame, step, &work, options);
    let mut amount = frame.worked(step, &work.over, options)?.times(&N::int(per_element))?.times(present)?;
    if frame.parts.guarded(step) {
        amount = amount.times(&frame.rounds_on_chip(step)?)?;
    }
    if let Some(routed) = &frame.routed {
        amount = routed.through(&amount)?;
    }
    let sum = match work.unit {
        Unit::Matmul => &mut flops.by_class[frame.multiplies(step, kernel, options) as usize],
        Unit::Vector | Unit::Dequant => &mut flops.vector,
    };
    *sum = sum.plus(&amount)?;
    Ok(())
}

/// FLOPs for each element that a step works on.
pub(super) fn per_element<N: Num>(frame: &Frame<'_, N>, step: usize, work: &Work, options: &Options) -> u64 {
    match work.unit {
        Unit::Dequant => work.flops * frame.format(frame.op.steps[step].args[0], options).dequant_flops(),
        Unit::Matmul | Unit::Vector => work.flops,
    }
}

/// What adds up the results of the experts that each token went through.
pub(super) fn combine<N: Num>(
    frame: &Frame<'_, N>,
    inner: &Frame<'_, N>,
    step: usize,
    options: &Options,
) -> Result<Kernel<N>> {
    let it: &Step<'_> = &frame.op.steps[step];
    let value = frame.op.value_of(step);
    let shape = frame.op.shapes[usize::from(value)];
    let result = inner.op.outputs[0].shape;
    let through = |one: &N| match inner.routed.as_ref() {
        // Each token's results, wherever there is room for it.
        Some(routed) if routed.crowded => one.times(&routed.top),
        Some(routed) => routed.through(one),
        None => Ok(one.clone()),
    };
    let gates = match it.kind {
        Kind::Call(call) if call.experts.is_some_and(|experts| experts.gated) => it.args.last().copied(),
        _ => None,
    };
    let held = frame.held(crate::op::Arg::Value(value), options);
    let one = frame.bits(&shape, || frame.rows(value), &held.format, options)?;
    let read = inner.of_tokens(through(&one)?, || inner.result_bits(&held.format, options))?;
    let read = Operand { role: Role::Act, ..Operand::of(held, read) };
    let mut operands = vec![read.clone()];
    if let Some(gates) = gates.and_then(crate::op::Arg::value) {
        let held = frame.held(crate::op::Arg::Value(gates), options);
        let shape = frame.op.shapes[usize::from(gates)];
        let bits = frame.bits(&shape, || frame.rows(gates), &held.format, options)?;
        operands.push(Operand { role: Role::Act, ..Operand::of(held, bits) });
    }
    operands.push(Operand { written: true, bits: one, ..read });
    let mut flops = Flops::zero();
    let per_element = N::int(1 + u64::from(gates.is_some()));
    let added = through(&frame.elements(&shape, options)?)?;
    flops.vector = inner.of_tokens(added, || inner.elements(&result, options))?.times(&per_element)?;
    let path = joined(joined(frame.place(step), &frame.name_of(step)), "combine");
    let shaped = Shaped::other();
    Ok(Kernel { path, origin: inner.origin.clone(), repeat: inner.repeat.clone(), flops, shaped, operands })
}

/// Numbers kernels that would otherwise have the same path.
fn number<N>(kernels: &mut [Kernel<N>]) {
    let mut sorted: Vec<&str> = kernels.iter().map(|kernel| kernel.path.as_str()).collect();
    sorted.sort_unstable();
    if sorted.windows(2).all(|pair| pair[0] != pair[1]) {
        return;
    }
    let mut taken: HashSet<String> = HashSet::with_capacity(kernels.len());
    // How far each path that several have is numbered.
    let mut numbers: HashMap<String, usize> = HashMap::new();
    for Kernel { path, .. } in kernels {
        if taken.contains(path) {
            let n = numbers.entry(path.clone()).or_insert(1);
            let numbered = loop {
                *n += 1;
                let numbered = format!("{path}#{n}");
                if !taken.contains(&numbered) {
                    break numbered;
                }
            };
            *path = numbered;
        }
        taken.insert(path.clone());
    }
}
