//! Operators that are others with something changed all through.

use cost_core::op::{Call, Kind, Op, Step};

/// An operator with a change made to it and to every operator that it calls.
///
/// The description is kept for good, so this is called once for each change.
pub(crate) fn throughout(op: &Op<'static>, change: &impl Fn(Op<'static>) -> Op<'static>) -> &'static Op<'static> {
    let changed = |kind: Kind<'static>| match kind {
        Kind::Call(call) => Kind::Call(Call { op: throughout(call.op, change), ..call }),
        other => other,
    };
    let steps: Vec<Step<'static>> = op.steps.iter().map(|step| Step { kind: changed(step.kind), ..*step }).collect();
    Box::leak(Box::new(change(Op { steps: steps.leak(), ..*op })))
}
