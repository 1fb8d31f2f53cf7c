//! Architectures without their heads over the vocabulary.

use cost_core::library::{Definition, Kind};
use cost_core::op::{Arg, Output, Role};

/// Takes from a body the call that computes logits of the last `o` positions, and what is made of them: what the head would
/// be given is the result. Other bodies stay as they are.
pub(crate) fn removed(it: &mut Definition) {
    let head = it.steps.iter().position(|step| match &step.kind {
        Kind::Call(call) => call.bind.iter().any(|(axis, _)| axis == "o"),
        Kind::Plain(_) => false,
    });
    let Some(head) = head else { return };
    let Some(Arg::Value(result)) = it.steps[head].args.first() else { return };
    it.outputs = vec![Output { value: *result, role: Role::Act, shape: it.shapes[usize::from(*result)] }];
    it.steps.truncate(head);
    it.shapes.truncate(it.inputs.len() + head);
    it.loops.retain(|it| usize::from(it.end) <= head);
}
