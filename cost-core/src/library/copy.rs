//! Operators copied with a change.

use std::collections::HashMap;

use super::{Call, Callee, Definition, Input, Kind, Library, Loop, OnMesh, Quotient, Size, Source, Step, Term};
use crate::op::{self, Dim, Op};

/// The copy of an operator and of everything that it calls, once each and changed.
pub(super) fn rewritten(source: &Source, change: &dyn Fn(&mut Definition)) -> (Library, usize) {
    let mut copy = Copy { library: Library::new(), change, known: HashMap::new() };
    let at = match source {
        Source::Declared(op) => copy.declared(op),
        Source::Owned(library, at) => {
            let mut places = Vec::new();
            for definition in &library.definitions()[..=*at] {
                places.push(copy.owned(definition, &places));
            }
            places[*at]
        }
    };
    (copy.library, at)
}

/// The copy of an operator and of everything that it calls, as it is.
pub(crate) fn copied(source: &Source) -> (Library, usize) {
    rewritten(source, &|_| ())
}

struct Copy<'n> {
    library: Library,
    change: &'n dyn Fn(&mut Definition),
    /// The constant operators that have been copied, by where they are.
    known: HashMap<*const Op<'static>, usize>,
}

impl Copy<'_> {
    /// Copies a definition, whose callees are at these places now.
    fn owned(&mut self, definition: &Definition, places: &[usize]) -> usize {
        let mut definition = definition.clone();
        (self.change)(&mut definition);
        for step in &mut definition.steps {
            if let Kind::Call(call) = &mut step.kind {
                call.callee = match call.callee {
                    Callee::Own(at) => Callee::Own(places[at]),
                    Callee::Declared(op) => Callee::Own(self.declared(op)),
                    Callee::Unknown => Callee::Unknown,
                };
            }
        }
        self.library.add(definition)
    }

    fn declared(&mut self, op: &'static Op<'static>) -> usize {
        if let Some(at) = self.known.get(&std::ptr::from_ref(op)) {
            return *at;
        }
        let at = self.owned(&definition(op, &mut |call| Callee::Declared(call)), &[]);
        self.known.insert(op, at);
        at
    }
}

/// What becomes of the operators that one calls, in order.
pub(crate) type Callees<'c, 'o> = &'c mut dyn FnMut(&'o Op<'o>) -> Callee;

/// An operator as a definition.
pub(crate) fn definition<'o>(op: &Op<'o>, callee: Callees<'_, 'o>) -> Definition {
    let steps = op.steps.iter().map(|step| Step {
        kind: match step.kind {
            op::Kind::Call(call) => Kind::Call(Call {
                callee: callee(call.op),
                bind: call.bind.iter().map(|bind| (bind.axis.to_owned(), size(&bind.dim))).collect(),
                rest: call.rest,
                experts: call.experts,
            }),
            other => Kind::Plain(plain(other)),
        },
        args: step.args.to_vec(),
        name: step.name.to_owned(),
        annotated: step.annotated,
        format: step.format,
    });
    let loops = op.loops.iter().map(|it| Loop {
        times: size(&it.times),
        guard: it.guard,
        fused: it.fused,
        label: it.label.to_owned(),
        start: it.start,
        end: it.end,
        carried: it.carried.to_vec(),
    });
    Definition {
        name: op.name.to_owned(),
        axes: op.axes.iter().map(|axis| (*axis).to_owned()).collect(),
        derived: op.derived.iter().map(|it| (it.axis, size(&it.dim))).collect(),
        inputs: op.inputs.iter().map(input).collect(),
        steps: steps.collect(),
        shapes: op.shapes.to_vec(),
        loops: loops.collect(),
        outputs: op.outputs.to_vec(),
        mask: op.mask,
        unfused: op.unfused,
        inline: op.inline,
        tile: op.tile.map(|tile| (tile.axis, size(&tile.size))),
        part: op.part.map(str::to_owned),
        mesh: op.mesh.map(on_mesh),
        failed: op.failed,
    }
}

fn on_mesh(it: op::OnMesh<'_>) -> OnMesh {
    match it {
        op::OnMesh::Exchange(op::Exchange { transfer, ranks, why }) => {
            OnMesh::Exchange { transfer, ranks, why: why.to_owned() }
        }
        op::OnMesh::Experts { all, from } => OnMesh::Experts { all, from },
    }
}

fn input(it: &op::Input<'_>) -> Input {
    Input {
        name: it.name.to_owned(),
        role: it.role,
        shape: it.shape,
        format: it.format,
        hf: it.hf.map(str::to_owned),
        gguf: it.gguf.map(str::to_owned),
        part: it.part.map(str::to_owned),
        tied: it.tied,
    }
}

/// A primitive, which borrows nothing.
pub(crate) const fn plain(kind: op::Kind<'_>) -> op::Kind<'static> {
    use op::Kind as Op;
    match kind {
        Op::Dot(over) => Op::Dot(over),
        Op::Zip(zip) => Op::Zip(zip),
        Op::Map(map) => Op::Map(map),
        Op::Reduce(reduce, over) => Op::Reduce(reduce, over),
        Op::Norm(norm, over) => Op::Norm(norm, over),
        Op::Gather(of) => Op::Gather(of),
        Op::Take { of, keep } => Op::Take { of, keep },
        Op::Put { of, keep } => Op::Put { of, keep },
        Op::Append(of) => Op::Append(of),
        Op::Before(of) => Op::Before(of),
        Op::Slide { over, width } => Op::Slide { over, width },
        Op::Write(role) => Op::Write(role),
        Op::Last { of, keep } => Op::Last { of, keep },
        Op::View { of, to } => Op::View { of, to },
        Op::Windows(windows) => Op::Windows(windows),
        Op::Top { of, keep } => Op::Top { of, keep },
        Op::Among { of, by } => Op::Among { of, by },
        Op::Store => Op::Store,
        Op::Dequant => Op::Dequant,
        Op::Cast => Op::Cast,
        Op::Carry => Op::Carry,
        Op::Call(_) => Op::Call(op::Call::UNKNOWN),
        Op::Output(number) => Op::Output(number),
    }
}

pub(crate) fn size(dim: &Dim<'_>) -> Size {
    match dim {
        Dim::Axis(axis) => Size::axis(*axis),
        Dim::Sum(terms) => Size(terms.iter().map(term).collect()),
    }
}

fn term(it: &op::Term<'_>) -> Term {
    let quotient = |it: &op::Quotient<'_>| Quotient { above: size(&it.above), below: size(&it.below), up: it.up };
    let quotients = it.quotients.iter().map(quotient).collect();
    Term { coefficient: it.coefficient, axes: it.axes.to_vec(), quotients }
}
