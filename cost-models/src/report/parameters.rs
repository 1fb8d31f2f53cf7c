//! Numbers of parameters, and how they are stored.

use cost_core::cost::{Formats, Options, Tensor};
use cost_core::format::Format;
use cost_core::op::Role;
use cost_core::{Error, Result};

use super::answer::Params;
use crate::model::{Model, Workload};

/// The format of a model's weights; where its files or its config give it several, those by the bytes that they take.
pub fn weight_formats(model: &Model, workload: &Workload, options: &Options) -> Result<String> {
    Ok(formats(&model.tensors(workload, options)?, &model.options(options).formats))
}

/// The same of the weights among these tensors.
pub(super) fn formats(owned: &[Tensor<u128>], asked: &Formats) -> String {
    if asked.own.is_empty() && asked.rounds.is_empty() {
        return asked.of(Role::Weight).to_string();
    }
    let mut found: Vec<(Format, u128)> = Vec::new();
    for tensor in owned.iter().filter(|tensor| tensor.role == Role::Weight) {
        let bits = tensor.bits.saturating_mul(tensor.copies);
        match found.iter_mut().find(|(format, _)| *format == tensor.format) {
            Some((_, sum)) => *sum = sum.saturating_add(bits),
            None => found.push((tensor.format, bits)),
        }
    }
    found.sort_by_key(|(_, bits)| std::cmp::Reverse(*bits));
    found.iter().map(|(format, _)| format.to_string()).collect::<Vec<_>>().join("+")
}

/// Counts a model's parameters, by what they are for.
pub fn params(model: &Model, workload: &Workload, options: &Options) -> Result<Params> {
    let mut params = count(&model.tensors(workload, options)?)?;
    for run in model.beside(workload)? {
        params = sum(&params, &count(&run.model.tensors(&run.workload, options)?)?)?;
    }
    Ok(Params { mtp: further(model, workload)?, ..params })
}

const OVERFLOW: Error = Error::Overflow { counting: "parameters" };

/// Parameters of the modules that predict further tokens.
pub(super) fn further(model: &Model, workload: &Workload) -> Result<u128> {
    let Some((modules, predictor)) = model.predictor() else { return Ok(0) };
    // Numbers of parameters don't depend on formats, which are those of the model's own layers.
    params(predictor, workload, &Options::default())?.total.checked_mul(u128::from(modules)).ok_or(OVERFLOW)
}

/// Those of two models.
pub(super) fn sum(a: &Params, b: &Params) -> Result<Params> {
    let sum = |a: u128, b: u128| a.checked_add(b).ok_or(OVERFLOW);
    Ok(Params {
        total: sum(a.total, b.total)?,
        active: sum(a.active, b.active)?,
        embedding: sum(a.embedding, b.embedding)?,
        lm_head: sum(a.lm_head, b.lm_head)?,
        attention: sum(a.attention, b.attention)?,
        ffn: sum(a.ffn, b.ffn)?,
        norm: sum(a.norm, b.norm)?,
        other: sum(a.other, b.other)?,
        mtp: sum(a.mtp, b.mtp)?,
        buffers: sum(a.buffers, b.buffers)?,
    })
}

/// The parameters among these tensors.
pub(super) fn count(owned: &[Tensor<u128>]) -> Result<Params> {
    let mut sum = Params::default();
    for tensor in owned.iter().filter(|tensor| tensor.role == Role::Weight) {
        let all = tensor.elements.checked_mul(tensor.copies).ok_or(OVERFLOW)?;
        let active = tensor.elements.checked_mul(tensor.active).ok_or(OVERFLOW)?;
        let part = match tensor.part.as_deref() {
            Some("embedding") => &mut sum.embedding,
            Some("lm_head") => &mut sum.lm_head,
            Some("attention") => &mut sum.attention,
            Some("ffn") => &mut sum.ffn,
            Some("norm") => &mut sum.norm,
            Some("buffer") => {
                sum.buffers = sum.buffers.checked_add(all).ok_or(OVERFLOW)?;
                continue;
            }
            _ => &mut sum.other,
        };
        for (sum, count) in [(part, all), (&mut sum.active, active)] {
            *sum = sum.checked_add(count).ok_or(OVERFLOW)?;
        }
        sum.total = sum.total.checked_add(all).ok_or(OVERFLOW)?;
    }
    Ok(sum)
}
