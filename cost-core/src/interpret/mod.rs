//! The reference interpreter: runs a body on real arrays, and counts what it executes and touches.
//!
//! It knows nothing of the derivation: it multiplies, adds, loads and stores one element at a time, keeps what a kernel
//! computes on chip until the kernel ends, and counts. On any operator and any shape its counts equal the derived ones.

mod array;
mod body;
mod check;
mod exchange;
mod experts;
mod machine;
mod math;
mod memory;
mod mesh;
mod primitive;
mod ranks;
mod recurrence;
mod size;

pub use array::Array;
pub use machine::{Counted, Moved};
pub use mesh::{MeshOutcome, Running, run_mesh};

use crate::cost::Options;
use crate::error::{Error, Result};
use crate::library::spliced;
use crate::op::{Arg, Kind, Op, Role, Shape};
use array::{Buffer, View};
use body::Body;
use exchange::Seat;
use machine::Machine;
use memory::Life;

/// What came of running an operator.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// What it returned, in order; axes in the order of the declaration.
    pub results: Vec<Array>,
    /// Its inputs afterwards: caches have new rows.
    pub inputs: Vec<Array>,
    /// Elements of activations that were in memory at the fullest moment: its own inputs throughout, if anything has read
    /// them, and what its kernels have stored until its last use.
    pub peak: u128,
    /// Its kernels, in the order in which they first ran.
    pub kernels: Vec<Counted>,
    /// How many tensors its calls own, and those before it.
    pub owned: u64,
}

/// Runs an operator on arrays, one for each input with its axes in the order of the declaration. Sizes that are given in terms
/// of others are computed, whatever `sizes` says. Weights, caches and
/// states that calls own are filled with numbers from a fixed sequence.
///
/// Number formats matter only for `dequant` and `cast`, which count the FLOPs of the format and leave values as they are.
pub fn run(op: &Op<'_>, sizes: &[usize], inputs: &[Array], options: &Options, seed: u64) -> Result<Outcome> {
    check::described(op)?;
    spliced(op, |op| {
        let sizes = checked(op, sizes, inputs)?;
        Ok(ran(op, &sizes, inputs, options, (seed, 0), None)?.0)
    })
}

/// The sizes of all axes, if the operator can be run on arrays of these sizes, and on these arrays.
fn checked(op: &Op<'_>, sizes: &[usize], inputs: &[Array]) -> Result<Vec<usize>> {
    if sizes.len() != op.axes.len() {
        return Err(Error::Sizes { op: op.name.to_owned(), expected: op.axes.len(), found: sizes.len() });
    }
    let sizes = size::derived(op, sizes)?;
    check::fits(op, &sizes)?;
    check::given(op, &sizes, inputs)?;
    Ok(sizes)
}

/// What comes of it, on a rank of a mesh or without one, and what has been exchanged.
fn ran(
    op: &Op<'_>,
    sizes: &[usize],
    inputs: &[Array],
    options: &Options,
    (seed, owned): (u64, u64),
    seat: Option<Seat<'_>>,
) -> Result<(Outcome, Vec<Moved>)> {
    let mut machine = Machine::after(seed, owned);
    let mut views = Vec::new();
    for (input, array) in op.inputs.iter().zip(inputs) {
        let format = options.formats.of_input(input, input.name).format;
        machine.buffers.push(Buffer::given(array.data.clone(), input.role, format.dequant_flops()));
        views.push(View::whole(machine.buffers.len() - 1, input.shape.axes(), sizes));
    }
    let body = Body::new(op, sizes.to_vec(), views, Vec::new(), options, seat);
    for (i, input) in op.inputs.iter().enumerate().filter(|(_, input)| matches!(input.role, Role::Act | Role::Ids)) {
        machine.buffers[i].life = Life::of_input(body.count(&View::whole(i, input.shape.axes(), sizes)));
    }
    let results = body.run(&mut machine)?;
    for result in &results {
        machine.leave(result);
        machine.take(result);
    }
    machine.close();
    let (given, _) = machine.buffers.split_at(op.inputs.len());
    let throughout = given.iter().filter(|buffer| buffer.life.read()).map(|buffer| buffer.life.elements);
    let peak = throughout.sum::<u128>() + machine.memory.most(&machine.buffers, op.inputs.len());
    let after = inputs.iter().zip(given);
    let after = after.map(|(array, buffer)| Array { sizes: array.sizes.clone(), data: buffer.data.clone() });
    let outcome = Outcome {
        results: results.iter().zip(op.outputs).map(|(view, output)| read(&machine, view, &output.shape, op)).collect(),
        inputs: after.collect(),
        peak,
        kernels: machine.kernels.iter().map(|(_, counted)| counted.clone()).collect(),
        owned: machine.owned_so_far(),
    };
    Ok((outcome, machine.moves.into_iter().map(|(_, moved)| moved).collect()))
}

/// Arrays for an operator's inputs from a fixed sequence. Ids go through the rows of the table that they index one after
/// the other, those of another tensor from where the last one ended: so they name as many different rows as they can. An
/// array with more elements than [`run`] takes has none.
///
/// # Panics
///
/// If the operator has an axis for which there is no size, or arrays of these sizes don't fit the memory.
pub fn inputs(op: &Op<'_>, sizes: &[usize], seed: u64) -> Vec<Array> {
    let derived = size::derived(op, sizes);
    let sizes = derived.as_deref().unwrap_or(sizes);
    let (mut machine, mut named) = (Machine::new(seed), 0_usize);
    let filled = op.inputs.iter().zip(0_u16..).map(|(input, value)| {
        let own: Vec<usize> = input.shape.axes().iter().map(|axis| sizes[usize::from(*axis)]).collect();
        // Of what is too large to run there is nothing.
        let few = check::elements(&input.shape, sizes).is_some_and(|elements| elements <= check::MOST);
        let mut array = if few { Array::zeros(own) } else { Array { sizes: own, data: Vec::new() } };
        let rows = rows(op, sizes, value).unwrap_or(1).max(1);
        for element in &mut array.data {
            let number = machine.random();
            *element = if input.role == Role::Ids { (named % rows) as f64 } else { number };
            named += usize::from(input.role == Role::Ids);
        }
        array
    });
    filled.collect()
}

/// How many rows the table has that ids look up, here or in a call; nothing if there is none.
fn rows(op: &Op<'_>, sizes: &[usize], ids: u16) -> Option<usize> {
    op.steps.iter().find_map(|step| match step.kind {
        Kind::Gather(axis) if step.args[1].value() == Some(ids) => Some(sizes[usize::from(axis)]),
        Kind::Call(call) => {
            let own = size::inside(op, sizes, &call).ok()?;
            let passed = |input: &usize| op.passed(step, &call, *input).and_then(Arg::value) == Some(ids);
            let mut inputs = (0..call.op.inputs.len()).filter(passed);
            inputs.find_map(|input| rows(call.op, &own, u16::try_from(input).ok()?))
        }
        _ => None,
    })
}

fn read(machine: &Machine, view: &View, shape: &Shape, op: &Op<'_>) -> Array {
    let axes = shape.axes();
    let mut sizes = vec![0; op.axes.len()];
    for axis in axes {
        sizes[usize::from(*axis)] = view.size(*axis).unwrap_or_default();
    }
    let mut array = Array::zeros(axes.iter().map(|axis| sizes[usize::from(*axis)]).collect());
    let mut place = 0;
    math::each(axes, &sizes, &mut |index| {
        array.data[place] = machine.number(view, view.at(index));
        place += 1;
    });
    array
}
