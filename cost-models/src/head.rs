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
    // The weights that only the head read, from the last on, so that those before keep their places.
    for input in (0..it.inputs.len()).rev() {
        let read = |value: u16| usize::from(value) == input;
        let used = it.steps.iter().flat_map(|step| &step.args).any(|arg| arg.value().is_some_and(read));
        if it.inputs[input].role == Role::Weight && !used {
            taken_out(it, input);
        }
    }
}

/// Takes out an input that no step reads.
fn taken_out(it: &mut Definition, input: usize) {
    let moved = |value: u16| if usize::from(value) > input { value - 1 } else { value };
    it.inputs.remove(input);
    it.shapes.remove(input);
    for arg in it.steps.iter_mut().flat_map(|step| &mut step.args) {
        if let Arg::Value(value) = arg {
            *value = moved(*value);
        }
    }
    for (carry, end) in it.loops.iter_mut().flat_map(|it| &mut it.carried) {
        (*carry, *end) = (moved(*carry), moved(*end));
    }
    it.outputs.iter_mut().for_each(|output| output.value = moved(output.value));
    for tied in it.inputs.iter_mut().filter_map(|input| input.tied.as_mut()) {
        tied.to = moved(tied.to);
    }
}
