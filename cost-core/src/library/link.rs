//! From owned definitions to the descriptions that borrow from them.
//!
//! A description refers to its callees' by reference, so it is made in levels, each of which borrows from those before:
//! terms of sizes; then parameters, loops and what calls bind; then steps and the operators themselves, which are put
//! into cells so that a caller can refer to a callee beside it.

use std::cell::OnceCell;

use super::{Callee, Definition, Kind, Size};
use crate::check::infer;
use crate::op::{self, Bind, Dim, Op, Shape, Step, Term, Tile};

/// What a function makes of the last of some definitions, each of which comes after those that it calls.
pub(super) fn with<T>(definitions: &[Definition], then: impl FnOnce(&Op<'_>) -> T) -> T {
    let needed = needed(definitions);
    let terms: Vec<Terms<'_>> = needed.iter().map(|at| Terms::of(&definitions[*at])).collect();
    let lists = needed.iter().zip(&terms).map(|(at, terms)| Lists::of(&definitions[*at], terms));
    let lists: Vec<Lists<'_>> = lists.collect();
    let cells: Vec<Cells<'_>> = definitions.iter().map(|_| Cells::default()).collect();
    let mut last = &Op::UNKNOWN;
    for (at, lists) in needed.iter().zip(&lists) {
        let (it, cell) = (&definitions[*at], &cells[*at]);
        let steps = cell.steps.get_or_init(|| steps(it, lists, &cells));
        last = cell.op.get_or_init(|| described(it, lists, steps, &it.shapes));
    }
    then(last)
}

/// The places of the last definition and of those that it calls, by itself or through others, in order.
fn needed(definitions: &[Definition]) -> Vec<usize> {
    let mut needed = vec![false; definitions.len()];
    needed.last_mut().into_iter().for_each(|last| *last = true);
    for (at, it) in definitions.iter().enumerate().rev() {
        if needed[at] {
            it.callees().for_each(|callee| {
                if let Callee::Own(callee) = callee {
                    needed[*callee] = true;
                }
            });
        }
    }
    (0..definitions.len()).filter(|at| needed[*at]).collect()
}

/// What a function makes of one definition whose callees among definitions are unknown.
pub(super) fn alone<T>(it: &Definition, then: impl FnOnce(&Op<'_>) -> T) -> T {
    let terms = Terms::of(it);
    let lists = Lists::of(it, &terms);
    let steps = steps(it, &lists, &[]);
    let shapes = infer(&described(it, &lists, &steps, &[]));
    then(&described(it, &lists, &steps, &shapes))
}

/// What a description borrows besides the definition: the terms of its sizes.
struct Terms<'a> {
    loops: Vec<Vec<Term<'a>>>,
    /// By call, in order.
    binds: Vec<Vec<Vec<Term<'a>>>>,
    tile: Vec<Term<'a>>,
}

impl<'a> Terms<'a> {
    fn of(it: &'a Definition) -> Self {
        let terms = |size: &'a Size| size.terms().collect::<Vec<_>>();
        let binds = it.steps.iter().filter_map(|step| match &step.kind {
            Kind::Call(call) => Some(call.bind.iter().map(|(_, size)| terms(size)).collect()),
            Kind::Plain(_) => None,
        });
        Self {
            loops: it.loops.iter().map(|it| terms(&it.times)).collect(),
            binds: binds.collect(),
            tile: it.tile.iter().flat_map(|(_, size)| terms(size)).collect(),
        }
    }
}

/// The lists of a description that mention no other.
struct Lists<'a> {
    axes: Vec<&'a str>,
    inputs: Vec<op::Input<'a>>,
    loops: Vec<op::Loop<'a>>,
    /// By call, in order.
    binds: Vec<Vec<Bind<'a>>>,
    tile: Option<Tile<'a>>,
}

impl<'a> Lists<'a> {
    fn of(it: &'a Definition, terms: &'a Terms<'a>) -> Self {
        let loops = it.loops.iter().zip(&terms.loops).map(|(it, terms)| op::Loop {
            times: dim(terms),
            guard: it.guard,
            label: &it.label,
            start: it.start,
            end: it.end,
            carried: &it.carried,
        });
        let calls = it.steps.iter().filter_map(|step| match &step.kind {
            Kind::Call(call) => Some(call),
            Kind::Plain(_) => None,
        });
        let bind = |((axis, _), terms): (&'a (String, Size), &'a Vec<Term<'a>>)| Bind { axis, dim: dim(terms) };
        Self {
            axes: it.axes.iter().map(String::as_str).collect(),
            inputs: it.inputs.iter().map(input).collect(),
            loops: loops.collect(),
            binds: calls
                .zip(&terms.binds)
                .map(|(call, terms)| call.bind.iter().zip(terms).map(bind).collect())
                .collect(),
            tile: it.tile.as_ref().map(|(axis, _)| Tile { axis: *axis, size: dim(&terms.tile) }),
        }
    }
}

/// The steps and the description of one definition.
#[derive(Default)]
struct Cells<'a> {
    steps: OnceCell<Vec<Step<'a>>>,
    op: OnceCell<Op<'a>>,
}

fn steps<'a>(it: &'a Definition, lists: &'a Lists<'a>, cells: &'a [Cells<'a>]) -> Vec<Step<'a>> {
    let mut binds = lists.binds.iter();
    let steps = it.steps.iter().map(|step| {
        let kind = match &step.kind {
            Kind::Plain(kind) => *kind,
            Kind::Call(call) => op::Kind::Call(op::Call {
                op: match call.callee {
                    Callee::Declared(op) => op,
                    Callee::Own(at) => cells.get(at).and_then(|cell| cell.op.get()).unwrap_or(&Op::UNKNOWN),
                    Callee::Unknown => &Op::UNKNOWN,
                },
                bind: binds.next().map_or(&[], Vec::as_slice),
                rest: call.rest,
                experts: call.experts,
            }),
        };
        Step { kind, args: &step.args, name: &step.name, annotated: step.annotated }
    });
    steps.collect()
}

fn described<'a>(it: &'a Definition, lists: &'a Lists<'a>, steps: &'a [Step<'a>], shapes: &'a [Shape]) -> Op<'a> {
    Op {
        name: &it.name,
        axes: &lists.axes,
        inputs: &lists.inputs,
        steps,
        shapes,
        loops: &lists.loops,
        result: it.result,
        returns: it.returns,
        mask: it.mask,
        unfused: it.unfused,
        tile: lists.tile,
        part: it.part.as_deref(),
        failed: it.failed,
    }
}

fn input(it: &super::Input) -> op::Input<'_> {
    let plain = op::Input::new(&it.name, it.role, it.shape);
    let (hf, gguf, part) = (it.hf.as_deref(), it.gguf.as_deref(), it.part.as_deref());
    op::Input { format: it.format, hf, gguf, part, tied: it.tied, ..plain }
}

/// A size as the macro writes it: one axis is that axis.
const fn dim<'a>(terms: &'a [Term<'a>]) -> Dim<'a> {
    match terms {
        [Term { coefficient: 1, axes: [axis] }] => Dim::Axis(*axis),
        _ => Dim::Sum(terms),
    }
}
