//! What of a step an operator of one's own knows nothing of.

use cost_core::op::Role;
use cost_core::{Options, Result};

use crate::model::{Model, Workload};
use crate::note::Note;

/// Notes on what was asked for and changes nothing, because the operator has no axis for it. Released models have what
/// they need, and a recurrent state stands for all that came before.
pub(super) fn ignored(model: &Model, workload: &Workload, options: &Options) -> Result<Vec<Note>> {
    if !model.model_type.is_empty() {
        return Ok(vec![]);
    }
    let states = model.tensors(workload, options)?.iter().any(|tensor| tensor.role == Role::State);
    let asked = [
        ("b", workload.batch > 1, "sequences"),
        ("s", workload.tokens > 1, "new tokens"),
        ("t", workload.past > 0 && !states, "cached tokens"),
    ];
    let ignored = asked.into_iter().filter(|(axis, asked, _)| *asked && model.axis_named(axis).is_none());
    Ok(ignored
        .map(|(axis, _, what)| {
            let name = &model.name;
            Note::warning(format!("{name} has no axis `{axis}`, so that how many {what} there are changes nothing"))
        })
        .collect())
}
