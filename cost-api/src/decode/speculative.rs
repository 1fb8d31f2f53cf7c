//! Speculative decoding.

use cost_models::decode::Deployment;
use cost_models::decode::speculative::{Draft, Speculation, Tree, chain, medusa_head, speculation};

use super::{Question, needed};
use crate::error::{Error, Result};
use crate::load;
use crate::request::Method;

/// Decodes with the draft that is asked for.
pub(super) fn draft(question: &Question<'_>, method: Method) -> Result<Speculation> {
    let Question { request, deployment, task, .. } = question;
    let goal = request.draft.goal.unwrap_or(2.0);
    let found = match method {
        Method::Medusa => {
            let head = medusa_head(deployment)?;
            let tree = heads(question)?;
            let draft = Draft::Heads { head: &head, count: tree.depth() as u64 };
            speculation(deployment, &draft, task, &tree, goal)
        }
        Method::Mtp => {
            let none = || {
                let name = &deployment.model().name;
                needed("method", &format!("--method mtp: {name} has no modules for multi-token prediction"))
            };
            let (count, module) = deployment.model().predictor().ok_or_else(none)?;
            let draft = Draft::Modules { module: &question.beside(module.clone())?, count };
            chain(deployment, &draft, task, (request.draft.gamma.unwrap_or(count), acceptance(question)?), goal)
        }
        Method::Tree => {
            let file = request.draft.tree.as_ref();
            let file = file.ok_or_else(|| needed("tree", "--method tree needs --tree FILE"))?;
            speculation(deployment, &Draft::Model(&drafting(question, method)?), task, &read(question, file)?, goal)
        }
        _ => {
            let draft = drafting(question, method)?;
            let gamma = request.draft.gamma.unwrap_or(4);
            chain(deployment, &Draft::Model(&draft), task, (gamma, acceptance(question)?), goal)
        }
    };
    let found = found?;
    for warning in &found.warnings {
        question.listener.told(&format!("warning: {warning}"));
    }
    Ok(found)
}

fn drafting(question: &Question<'_>, method: Method) -> Result<Deployment> {
    let name = question.request.draft.draft.as_ref();
    let name = name.ok_or_else(|| needed("draft", &format!("--method {} needs --draft MODEL", method.name())))?;
    question.beside_named(name)
}

fn acceptance(question: &Question<'_>) -> Result<f64> {
    match question.acceptances() {
        [one] => Ok(*one),
        several => Err(Error::found("acceptance", format_args!("{} numbers", several.len()), "one")),
    }
}

fn read(question: &Question<'_>, file: &str) -> Result<Tree> {
    let contents = question.sources.text(file, load::FILE_LIMIT)?;
    Tree::from_csv(&contents).map_err(|error| Error::from(error).about(file))
}

/// The tree of the heads' guesses, or of a file.
fn heads(question: &Question<'_>) -> Result<Tree> {
    let draft = &question.request.draft;
    if let Some(file) = &draft.tree {
        if draft.heads.is_empty() {
            return read(question, file);
        }
        // Beside it, `--method tree` takes the file.
        if !question.request.methods().contains(&Method::Tree) {
            return Err(needed("heads", "--method medusa: found --heads and --tree, expected one of them"));
        }
    }
    if draft.heads.is_empty() {
        return Ok(Tree::chain(2, acceptance(question)?)?);
    }
    let guesses = draft.heads.iter().map(|head| {
        let guesses = head.split(':').map(|guess| guess.trim().parse::<f64>());
        let guesses = guesses.collect::<std::result::Result<Vec<_>, _>>();
        guesses.map_err(|_| Error::found("heads", format_args!("`{head}`"), "probabilities, as in 0.6:0.2"))
    });
    Tree::product(&guesses.collect::<Result<Vec<_>>>()?).map_err(|error| Error::from(error).of("heads"))
}
