//! The reference interpreter: runs a body on real arrays, and counts what it executes and touches.
//!
//! It knows nothing of the derivation: it multiplies, adds, loads and stores one element at a time, keeps what a kernel
//! computes on chip until the kernel ends, and counts. On any operator and any shape its counts equal the derived ones.

mod array;
mod body;
mod check;
mod machine;
mod math;
mod primitive;
mod recurrence;

pub use array::Array;
pub use machine::Counted;

use crate::cost::Options;
use crate::error::Result;
use crate::op::{Op, Role};
use array::{Buffer, View};
use body::Body;
use machine::Machine;

/// What came of running an operator.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// What it returned, its axes in the order of the declaration.
    pub result: Array,
    /// Its inputs afterwards: caches have new rows.
    pub inputs: Vec<Array>,
    /// Its kernels, in the order in which they first ran.
    pub kernels: Vec<Counted>,
}

/// Runs an operator on arrays, one for each input with its axes in the order of the declaration. Weights, caches and
/// states that calls own are filled with numbers from a fixed sequence.
///
/// Number formats matter only for `dequant`, which counts the FLOPs of the format and leaves values as they are.
pub fn run(op: &Op<'_>, sizes: &[usize], inputs: &[Array], options: &Options, seed: u64) -> Result<Outcome> {
    check::described(op)?;
    check::given(op, sizes, inputs)?;
    let mut machine = Machine::new(seed);
    let mut views = Vec::new();
    for (input, array) in op.inputs.iter().zip(inputs) {
        let format = options.formats.of_input(input, input.name).format;
        machine.buffers.push(Buffer {
            data: array.data.clone(),
            role: input.role,
            run: None,
            exists: vec![true; array.data.len()],
            dequant: format.dequant_flops(),
        });
        views.push(View::whole(machine.buffers.len() - 1, input.shape.axes(), sizes));
    }
    let result = Body::new(op, sizes.to_vec(), views, Vec::new(), options).run(&mut machine)?;
    machine.leave(&result);
    machine.close();
    let inputs = inputs.iter().zip(&machine.buffers);
    let inputs = inputs.map(|(array, buffer)| Array { sizes: array.sizes.clone(), data: buffer.data.clone() });
    Ok(Outcome {
        result: read(&machine, &result, op, sizes),
        inputs: inputs.collect(),
        kernels: machine.kernels.into_iter().map(|(_, counted)| counted).collect(),
    })
}

/// Arrays for an operator's inputs from a fixed sequence; ids are below the size of the table that they index.
///
/// # Panics
///
/// If the operator has an axis for which there is no size.
pub fn inputs(op: &Op<'_>, sizes: &[usize], seed: u64) -> Vec<Array> {
    let mut machine = Machine::new(seed);
    let table = op.steps.iter().find_map(|step| match step.kind {
        crate::op::Kind::Gather(axis) => Some(sizes[usize::from(axis)]),
        _ => None,
    });
    let filled = op.inputs.iter().map(|input| {
        let own: Vec<usize> = input.shape.axes().iter().map(|axis| sizes[usize::from(*axis)]).collect();
        let mut array = Array::zeros(own);
        for element in &mut array.data {
            let number = machine.random();
            *element = match input.role {
                #[expect(clippy::cast_precision_loss, reason = "tables are small here")]
                Role::Ids => (f64::midpoint(number, 1.0) * table.unwrap_or(1) as f64)
                    .floor()
                    .min(table.unwrap_or(1) as f64 - 1.0),
                _ => number,
            };
        }
        array
    });
    filled.collect()
}

fn read(machine: &Machine, view: &View, op: &Op<'_>, sizes: &[usize]) -> Array {
    let axes = op.returns.axes();
    let mut array = Array::zeros(axes.iter().map(|axis| sizes[usize::from(*axis)]).collect());
    let mut place = 0;
    math::each(axes, sizes, &mut |index| {
        array.data[place] = machine.buffers[view.buffer].data[view.at(index)];
        place += 1;
    });
    array
}
