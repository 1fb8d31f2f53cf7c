//! Which axes of an operator are conditions, 0 or 1.

use cost_core::op::{Dim, Kind, Op};

/// The axes that the operator, or one that it calls, has as conditions.
pub fn conditions(op: &Op<'_>) -> Vec<u8> {
    let mut found: Vec<u8> = op.loops.iter().filter(|it| it.guard).flat_map(|it| axes(&it.times)).collect();
    found.extend(op.inputs.iter().filter_map(|input| input.tied).map(|tied| tied.when));
    for step in op.steps {
        if let Kind::Call(call) = step.kind {
            let theirs = conditions(call.op).into_iter();
            found.extend(theirs.filter_map(|axis| op.bound(&call, usize::from(axis))).flat_map(|dim| axes(&dim)));
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

fn axes(dim: &Dim<'_>) -> Vec<u8> {
    match dim {
        Dim::Axis(axis) => vec![*axis],
        Dim::Sum(terms) => terms.iter().flat_map(|term| term.axes.iter().copied()).collect(),
    }
}
