//! From descriptions to kernels: the one derivation, for integers and for formulas alike.

use std::collections::{HashMap, HashSet};

use super::at::At;
use super::frame::Frame;
use super::kernel::{Flops, Kernel, Operand, Origin};
use super::names::join;
use super::num::Num;
use super::options::Options;
use super::routes::Route;
use super::traffic::Reads;
use super::written::written;
use crate::count::{self, NO_KERNEL, Partition, Unit};
use crate::error::Result;
use crate::op::{Call, Kind, Op, Role, Step};

/// The kernels of an operator at these axis sizes, in the order in which they run. Kernels that never run are left out.
pub fn kernels<N: Num>(op: &Op<'_>, sizes: &[N], options: &Options) -> Result<Vec<Kernel<N>>> {
    At::with(op, sizes, options, |at| of(&at.frame, at.options))
}

/// The kernels of an outermost operator.
pub(super) fn of<N: Num>(frame: &Frame<'_, N>, options: &Options) -> Result<Vec<Kernel<N>>> {
    let mut found = Vec::new();
    walk(frame, options, &mut found)?;
    number(&mut found);
    Ok(found)
}

fn walk<N: Num>(frame: &Frame<'_, N>, options: &Options, found: &mut Vec<Kernel<N>>) -> Result<()> {
    let op = frame.op;
    let parts = Partition::new(op);
    let mut step = 0;
    while step < op.steps.len() {
        if let Kind::Call(call) = op.steps[step].kind {
            let each = (0..).zip(frame.rounds(step, options)?);
            let each = each.map(|(round, (repeat, options))| {
                called(frame, step, &call, repeat, frame.origin.inside(step, round), &options)
            });
            found.extend(merged(each.collect::<Result<_>>()?)?);
            step += 1;
        } else if parts.of(step) == NO_KERNEL {
            step += 1;
        } else {
            let end = parts.last(op, step) + 1;
            let repeat = frame.repeats(step)?;
            if !repeat.is_zero() {
                let condition = repeat.clone();
                let kernel = condition.under(|| kernel(frame, &parts, step..end, repeat, options))?;
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

/// The kernels of a call that runs so often.
fn called<N: Num>(
    frame: &Frame<'_, N>,
    step: usize,
    call: &Call<'_>,
    repeat: N,
    origin: Origin,
    options: &Options,
) -> Result<Vec<Kernel<N>>> {
    let mut found = Vec::new();
    if repeat.is_zero() {
        return Ok(found);
    }
    let condition = repeat.clone();
    condition.under(|| {
        let inner = Frame { origin, repeat, ..frame.enter(step, call, options)? };
        if let (Some(_), Some(routed)) = (call.experts, &inner.routed) {
            Route::of(routed).admits(options.routing)?;
        }
        walk(&inner, options, &mut found)?;
        if call.experts.is_some() {
            found.push(combine(frame, &inner, step, options)?);
        }
        Ok(found)
    })
}

/// The kernels of the rounds of a loop, kernel by kernel: those with the same formats are one.
fn merged<N: Num>(mut each: Vec<Vec<Kernel<N>>>) -> Result<Vec<Kernel<N>>> {
    if each.len() == 1 {
        return Ok(each.swap_remove(0));
    }
    let mut found: Vec<Kernel<N>> = Vec::new();
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
            return Ok(found);
        }
    }
}

fn kernel<N: Num>(
    frame: &Frame<'_, N>,
    parts: &Partition,
    steps: core::ops::Range<usize>,
    repeat: N,
    options: &Options,
) -> Result<Kernel<N>> {
    let op = frame.op;
    let (mut flops, mut reads, mut writes) = (Flops::zero(), Reads::new(frame, parts), Vec::new());
    let mut names = Vec::new();
    // Views of what is in memory may stand in between.
    let own = || steps.clone().filter(|step| parts.of(*step) == parts.of(steps.start));
    for step in own() {
        for arg in 0..op.steps[step].args.len() {
            reads.add(step, arg, options)?;
        }
        if let Some(operand) = written(frame, parts, step, options)? {
            writes.push(operand);
            names.push(frame.name_of(step));
        }
    }
    let mut operands = reads.operands(options)?;
    operands.append(&mut writes);
    names.retain(|name| !name.is_empty());
    names.dedup();
    let name = match names.as_slice() {
        // A kernel that computes nothing with a name goes by its last operation, unless a call names it.
        [] if frame.path.is_empty() || op.output(op.value_of(steps.end - 1)).is_none() => frame.label(steps.end - 1),
        names => names.join("+"),
    };
    let path = join(&frame.place(steps.start), &name);
    for step in own() {
        let present = frame.multiplied(N::int(1), count::guards(op, step).filter(|it| it.guard))?;
        if !present.is_zero() {
            present.under(|| work(frame, step, &path, &present, &mut flops, options))?;
        }
    }
    Ok(Kernel { path, origin: frame.origin.at(steps.start), repeat, flops, operands })
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
    let args = frame.op.steps[step].args;
    let per_element = match work.unit {
        Unit::Dequant => work.flops * frame.format(args[0], options).dequant_flops(),
        Unit::Matmul | Unit::Vector => work.flops,
    };
    let mut amount = frame.worked(step, &work.over, options)?.times(&N::int(per_element))?.times(present)?;
    amount = amount.times(&frame.rounds_on_chip(step)?)?;
    if let Some(routed) = &frame.routed {
        amount = amount.times(&routed.top)?;
    }
    let sum = match work.unit {
        Unit::Matmul => &mut flops.by_class[frame.multiplies(step, kernel, options) as usize],
        Unit::Vector | Unit::Dequant => &mut flops.vector,
    };
    *sum = sum.plus(&amount)?;
    Ok(())
}

/// What adds up the results of the experts that each token went through.
fn combine<N: Num>(frame: &Frame<'_, N>, inner: &Frame<'_, N>, step: usize, options: &Options) -> Result<Kernel<N>> {
    let it: &Step<'_> = &frame.op.steps[step];
    let value = frame.op.value_of(step);
    let (shape, rows) = (frame.op.shapes[usize::from(value)], frame.rows(value));
    let routed = inner.routed.as_ref().map_or_else(|| N::int(1), |routed| routed.top.clone());
    let gates = match it.kind {
        Kind::Call(call) if call.experts.is_some_and(|experts| experts.gated) => it.args.last().copied(),
        _ => None,
    };
    let held = frame.held(crate::op::Arg::Value(value), options);
    let one = frame.bits(&shape, &rows, &held.format, options)?;
    let read = Operand { role: Role::Act, ..Operand::of(held, one.times(&routed)?) };
    let mut operands = vec![read.clone()];
    if let Some(gates) = gates.and_then(crate::op::Arg::value) {
        let held = frame.held(crate::op::Arg::Value(gates), options);
        let shape = frame.op.shapes[usize::from(gates)];
        let bits = frame.bits(&shape, &frame.rows(gates), &held.format, options)?;
        operands.push(Operand { role: Role::Act, ..Operand::of(held, bits) });
    }
    operands.push(Operand { written: true, bits: one, ..read });
    let mut flops = Flops::zero();
    let per_element = N::int(1 + u64::from(gates.is_some()));
    flops.vector = frame.elements(&shape, options)?.times(&routed)?.times(&per_element)?;
    let path = join(&frame.place(step), &join(&frame.name_of(step), "combine"));
    Ok(Kernel { path, origin: inner.origin.clone(), repeat: inner.repeat.clone(), flops, operands })
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
