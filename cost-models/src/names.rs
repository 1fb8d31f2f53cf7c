//! Names of tensors in released files, where they differ between models of one architecture.

use cost_core::op::{Input, Op};

use crate::rewrite::throughout;

/// An architecture whose tensors go by other names. Each pair is a module's name in the operators and the one in its
/// place: `("fc1", "mlp.c_fc")` renames `fc1.weight` and `fc1.bias`.
///
/// The description is kept for good, so this is called once for each set of names.
pub(crate) fn renamed(op: &Op<'static>, names: &[(&str, &str)]) -> &'static Op<'static> {
    let name = |own: Option<&'static str>| own.map(|own| released(own, names));
    throughout(op, &|op| {
        let inputs = op.inputs.iter().map(|input| Input { hf: name(input.hf), gguf: name(input.gguf), ..*input });
        Op { inputs: inputs.collect::<Vec<_>>().leak(), ..op }
    })
}

fn released(own: &'static str, names: &[(&str, &str)]) -> &'static str {
    let rest = |module: &str| own.strip_prefix(module).filter(|rest| rest.starts_with('.'));
    let other = names.iter().find_map(|(module, other)| rest(module).map(|rest| format!("{other}{rest}")));
    other.map_or(own, |name| name.leak())
}
