//! Names of tensors in released files, where they differ between models of one architecture.

use cost_core::op::{Call, Input, Kind, Op, Step};

/// An architecture whose tensors go by other names. Each pair is a module's name in the operators and the one in its
/// place: `("fc1", "mlp.c_fc")` renames `fc1.weight` and `fc1.bias`.
///
/// The description is kept for good, so this is called once for each set of names.
pub(crate) fn renamed(op: &Op<'static>, names: &[(&str, &str)]) -> &'static Op<'static> {
    let name = |own: Option<&'static str>| own.map(|own| released(own, names));
    let inputs: Vec<Input<'static>> =
        op.inputs.iter().map(|input| Input { hf: name(input.hf), gguf: name(input.gguf), ..*input }).collect();
    let steps: Vec<Step<'static>> =
        op.steps.iter().map(|step| Step { kind: kind(&step.kind, names), ..*step }).collect();
    Box::leak(Box::new(Op { inputs: inputs.leak(), steps: steps.leak(), ..*op }))
}

fn kind(kind: &Kind<'static>, names: &[(&str, &str)]) -> Kind<'static> {
    match kind {
        Kind::Call(call) => Kind::Call(Call { op: renamed(call.op, names), ..*call }),
        other => *other,
    }
}

fn released(own: &'static str, names: &[(&str, &str)]) -> &'static str {
    let rest = |module: &str| own.strip_prefix(module).filter(|rest| rest.starts_with('.'));
    let other = names.iter().find_map(|(module, other)| rest(module).map(|rest| format!("{other}{rest}")));
    other.map_or(own, |name| name.leak())
}
