//! Cascades.

use cost_models::decode::cascade::{Cascade, cascade};

use super::{Question, needed};
use crate::error::Result;

pub(super) fn answer(question: &Question<'_>) -> Result<Cascade> {
    let Question { request, deployment, task, .. } = question;
    if request.other.before.is_empty() {
        return Err(needed("before", "--method cascade needs --before MODEL,…"));
    }
    let mut models = request.other.before.iter().map(|name| question.beside_named(name)).collect::<Result<Vec<_>>>()?;
    models.push(deployment.clone());
    let classifier = request.other.classifier.as_ref().map(|name| question.beside_named(name)).transpose()?;
    let mut acceptance = question.acceptances().to_vec();
    // One number is for all of them.
    if let [one] = acceptance.as_slice() {
        acceptance = vec![*one; models.len() - 1];
    }
    Ok(cascade(&models, &acceptance, classifier.as_ref(), task)?)
}
