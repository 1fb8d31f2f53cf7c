//! From owned definitions to the descriptions that borrow from them.
//!
//! A description refers to its callees' by reference, so it is made in levels, each of which borrows from those before:
//! terms of sizes; then parameters, loops and what calls bind; then steps and the operators themselves, which are put
//! into cells so that a caller can refer to a callee beside it.

use std::cell::OnceCell;

use super::lend::Lent;
use super::{Callee, Definition, Kind, Size, Step};
use crate::check::infer;
use crate::op::{self, Bind, Derived, Op, Shape, Tile};

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

/// Shows each of some definitions to a function, each of which comes after those that it calls; gives the shapes of their
/// values, which are inferred.
pub(super) fn each(definitions: &[Definition], mut see: impl FnMut(usize, &Op<'_>)) -> Vec<Vec<Shape>> {
    let terms: Vec<Terms<'_>> = definitions.iter().map(Terms::of).collect();
    let lists: Vec<Lists<'_>> = definitions.iter().zip(&terms).map(|(it, terms)| Lists::of(it, terms)).collect();
    let shapes: Vec<OnceCell<Vec<Shape>>> = definitions.iter().map(|_| OnceCell::new()).collect();
    {
        let cells: Vec<Cells<'_>> = definitions.iter().map(|_| Cells::default()).collect();
        for (at, ((it, lists), shapes)) in definitions.iter().zip(&lists).zip(&shapes).enumerate() {
            let steps = cells[at].steps.get_or_init(|| steps(it, lists, &cells));
            let shapes = shapes.get_or_init(|| infer(&described(it, lists, steps, &[])));
            see(at, cells[at].op.get_or_init(|| described(it, lists, steps, shapes)));
        }
    }
    shapes.into_iter().map(|shapes| shapes.into_inner().unwrap_or_default()).collect()
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
    derived: Vec<Lent<'a>>,
    loops: Vec<Lent<'a>>,
    /// By call, in order.
    binds: Vec<Vec<Lent<'a>>>,
    tile: Option<Lent<'a>>,
}

impl Terms<'_> {
    fn of(it: &Definition) -> Self {
        let calls = it.steps.iter().filter_map(Step::call);
        Self {
            derived: it.derived.iter().map(|(_, size)| Lent::of(size)).collect(),
            loops: it.loops.iter().map(|it| Lent::of(&it.times)).collect(),
            binds: calls.map(|call| call.bind.iter().map(|(_, size)| Lent::of(size)).collect()).collect(),
            tile: it.tile.as_ref().map(|(_, size)| Lent::of(size)),
        }
    }
}

/// The lists of a description that mention no other.
struct Lists<'a> {
    axes: Vec<&'a str>,
    derived: Vec<Derived<'a>>,
    inputs: Vec<op::Input<'a>>,
    loops: Vec<op::Loop<'a>>,
    /// By call, in order.
    binds: Vec<Vec<Bind<'a>>>,
    tile: Option<Tile<'a>>,
}

impl<'a> Lists<'a> {
    fn of(it: &'a Definition, terms: &'a Terms<'a>) -> Self {
        let loops = it.loops.iter().zip(&terms.loops).map(|(it, terms)| op::Loop {
            times: terms.dim(&it.times),
            guard: it.guard,
            fused: it.fused,
            label: &it.label,
            start: it.start,
            end: it.end,
            carried: &it.carried,
        });
        let derived = it.derived.iter().zip(&terms.derived);
        let calls = it.steps.iter().filter_map(Step::call);
        let bind = |((axis, size), terms): (&'a (String, Size), &'a Lent<'a>)| Bind { axis, dim: terms.dim(size) };
        let tile = it.tile.as_ref().zip(terms.tile.as_ref());
        Self {
            axes: it.axes.iter().map(String::as_str).collect(),
            derived: derived.map(|((axis, size), terms)| Derived { axis: *axis, dim: terms.dim(size) }).collect(),
            inputs: it.inputs.iter().map(input).collect(),
            loops: loops.collect(),
            binds: calls
                .zip(&terms.binds)
                .map(|(call, terms)| call.bind.iter().zip(terms).map(bind).collect())
                .collect(),
            tile: tile.map(|((axis, size), terms)| Tile { axis: *axis, size: terms.dim(size) }),
        }
    }
}

/// The steps and the description of one definition.
#[derive(Default)]
struct Cells<'a> {
    steps: OnceCell<Vec<op::Step<'a>>>,
    op: OnceCell<Op<'a>>,
}

fn steps<'a>(it: &'a Definition, lists: &'a Lists<'a>, cells: &'a [Cells<'a>]) -> Vec<op::Step<'a>> {
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
        op::Step { kind, args: &step.args, name: &step.name, annotated: step.annotated, format: step.format }
    });
    steps.collect()
}

fn described<'a>(it: &'a Definition, lists: &'a Lists<'a>, steps: &'a [op::Step<'a>], shapes: &'a [Shape]) -> Op<'a> {
    Op {
        name: &it.name,
        axes: &lists.axes,
        derived: &lists.derived,
        inputs: &lists.inputs,
        steps,
        shapes,
        loops: &lists.loops,
        outputs: &it.outputs,
        mask: it.mask,
        unfused: it.unfused,
        inline: it.inline,
        tile: lists.tile,
        part: it.part.as_deref(),
        mesh: it.mesh.as_ref().map(on_mesh),
        failed: it.failed,
    }
}

fn on_mesh(it: &super::OnMesh) -> op::OnMesh<'_> {
    match it {
        super::OnMesh::Exchange { transfer, ranks, why } => {
            op::OnMesh::Exchange(op::Exchange { transfer: *transfer, ranks: *ranks, why })
        }
        super::OnMesh::Experts { all, from } => op::OnMesh::Experts { all: *all, from: *from },
    }
}

fn input(it: &super::Input) -> op::Input<'_> {
    let plain = op::Input::new(&it.name, it.role, it.shape);
    let (hf, gguf, part) = (it.hf.as_deref(), it.gguf.as_deref(), it.part.as_deref());
    op::Input { format: it.format, hf, gguf, part, tied: it.tied, ..plain }
}
