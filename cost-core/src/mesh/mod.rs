//! An operator on a mesh of devices: what each device computes and holds, and what the devices exchange.
//!
//! Nothing about it is written in an operator. [`cut`] makes of an operator the one that a single device runs: axes that the
//! mesh cuts become shares of themselves, and where a step needs what other devices have, there is a call of an operator that
//! stands for the exchange ([`crate::op::Exchange`]). So all that can be asked of an operator can be asked of it:
//! kernels, formulas in the sizes of the mesh, tensors, memory, plans.
//!
//! One rule decides what is exchanged. A step's index space, the axes of its operands together, has at most one axis on a mesh
//! axis; an operand that lacks it is the same on all ranks; a result that lacks it is a partial result, which is put together
//! where something first needs its value. `state` says what ranks have of a value, `step` what a step makes of it.

mod axes;
mod body;
mod call;
mod exchange;
mod stage;
mod state;
mod step;

use std::sync::Arc;

use crate::error::{Error, Result};
use crate::library::{Definition, Library, Source, spliced};
use crate::op::Op;
use axes::Axes;
use body::Body;
use state::State;

pub use stage::{Stage, layers, staged};

/// How devices are arranged, and which axes that cuts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mesh {
    /// The names of its axes. The operator that [`cut`] makes has axes of these names: the ranks along each.
    pub axes: Vec<String>,
    /// Which axes of operators are cut, by name.
    pub cuts: Vec<Shard>,
    /// Axes of positions that are cut only where that saves a copy: where a partial result is put together.
    pub scattered: Vec<Shard>,
    /// Axes along which results may be cut: each device answers for its own sequences.
    pub kept: Vec<String>,
    /// Axes of conditions that hold or don't, whatever else the sizes are: nothing is exchanged for what never runs.
    pub known: Vec<(String, u64)>,
    /// Whether results are left as they fall, rather than whole on every device.
    pub leave_cut: bool,
    /// The stage of a pipeline that [`staged`] has made of the operator, if it is one: what it returns goes to the next stage.
    pub stage: Option<Stage>,
}

/// An axis that is cut.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shard {
    /// Its name.
    pub axis: String,
    /// Over which axes of the mesh.
    pub over: Vec<String>,
}

/// The operator that one device of a mesh runs, the busiest: where an axis doesn't divide, its shares are rounded up.
///
/// Its axes are those of the operator, then those of the mesh, then shares of axes, whose sizes are given in terms of others.
/// An error names an axis that can't be cut so.
pub fn cut(source: &Source, mesh: &Mesh) -> Result<Source> {
    source.with(|op| spliced(op, |op| of(op, mesh)))
}

fn of(op: &Op<'_>, mesh: &Mesh) -> Result<Source> {
    let mut cutter = Cutter { mesh, library: Library::new(), known: Vec::new() };
    let axes = Axes::of_root(op, mesh)?;
    let given: Vec<_> = (0..op.inputs.len())
        .map(|input| match op.inputs[input] {
            it if mesh.stage.is_some() && stage::is_received(it.name) => axes.handed(&it.shape),
            _ => axes.stored(op, input),
        })
        .collect();
    let results = match &mesh.stage {
        Some(stage) if !stage.last => Results::Sent,
        _ if mesh.leave_cut => Results::Left,
        _ => Results::Whole,
    };
    let (at, _) = cutter.definition(op, &axes, &given, results)?;
    Source::owned(Arc::new(cutter.library), at)
}

/// What becomes of what an operator returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Results {
    /// It is left as it falls.
    Left,
    /// It is whole on every rank.
    Whole,
    /// It goes to the next stage.
    Sent,
}

/// Operators as they are cut, each once for every way in which it is called.
struct Cutter<'m> {
    mesh: &'m Mesh,
    library: Library,
    known: Vec<Known>,
}

struct Known {
    op: usize,
    axes: Axes,
    given: Vec<State>,
    results: Results,
    at: usize,
    returned: Vec<State>,
}

impl Cutter<'_> {
    /// The place of an operator that is given values in these states, and the states of what it returns, which are as is
    /// asked for.
    fn definition(
        &mut self,
        op: &Op<'_>,
        axes: &Axes,
        given: &[State],
        results: Results,
    ) -> Result<(usize, Vec<State>)> {
        let address = std::ptr::from_ref(op) as usize;
        let same = |it: &&Known| it.op == address && it.results == results && it.axes == *axes && it.given == given;
        if let Some(known) = self.known.iter().find(same) {
            return Ok((known.at, known.returned.clone()));
        }
        let (definition, returned) = Body::new(self, op, axes, given).run(results)?;
        let at = self.add(definition);
        let (axes, given) = (axes.clone(), given.to_vec());
        self.known.push(Known { op: address, axes, given, results, at, returned: returned.clone() });
        Ok((at, returned))
    }

    fn add(&mut self, definition: Definition) -> usize {
        self.library.add(definition)
    }
}

fn wrong(op: &Op<'_>, message: String) -> Error {
    Error::Description { op: op.name.to_owned(), message }
}
