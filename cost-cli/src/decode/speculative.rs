//! Speculative decoding.

use cost_models::decode::Deployment;
use cost_models::decode::speculative::{Draft, Speculation, Tree, chain, medusa_head, speculation};

use super::Question;
use super::args::Method;
use super::show::{COST, cells, heading, line, memory};
use crate::failure::{Result, text};
use crate::load;
use crate::output::tell;
use crate::table::{digits, headings, seconds, table};

/// Decodes with the draft that is asked for.
pub(super) fn draft(question: &Question<'_>, method: Method) -> Result<Speculation> {
    let Question { args, deployment, task, .. } = question;
    let goal = args.draft.goal;
    let found = match method {
        Method::Medusa => {
            let head = medusa_head(deployment).map_err(text)?;
            let tree = heads(question)?;
            let draft = Draft::Heads { head: &head, count: tree.depth() as u64 };
            speculation(deployment, &draft, task, &tree, goal)
        }
        Method::Mtp => {
            let none =
                || format!("--method mtp: {} has no modules for multi-token prediction", deployment.model().name);
            let (count, module) = deployment.model().predictor().ok_or_else(none)?;
            let draft = Draft::Modules { module: &question.beside(module.clone())?, count };
            chain(deployment, &draft, task, (args.draft.gamma.unwrap_or(count), acceptance(question)?), goal)
        }
        Method::Tree => {
            let file = args.draft.tree.as_ref().ok_or("--method tree needs --tree FILE")?;
            speculation(deployment, &Draft::Model(&drafting(question, method)?), task, &read(file)?, goal)
        }
        _ => {
            let draft = drafting(question, method)?;
            let gamma = args.draft.gamma.unwrap_or(4);
            chain(deployment, &Draft::Model(&draft), task, (gamma, acceptance(question)?), goal)
        }
    };
    let found = found.map_err(text)?;
    for warning in &found.warnings {
        tell(&format!("warning: {warning}"));
    }
    Ok(found)
}

fn drafting(question: &Question<'_>, method: Method) -> Result<Deployment> {
    let name = question.args.draft.draft.as_ref();
    let name = name.ok_or_else(|| format!("--method {} needs --draft MODEL", method.name()))?;
    question.beside_named(name)
}

fn acceptance(question: &Question<'_>) -> Result<f64> {
    match question.args.draft.acceptance.as_slice() {
        [one] => Ok(*one),
        several => Err(format!("--acceptance: found {} numbers, expected one", several.len())),
    }
}

fn read(file: &str) -> Result<Tree> {
    Tree::from_csv(&load::contents(file)?).map_err(|error| format!("{file}: {error}"))
}

/// The tree of the heads' guesses, or of a file.
fn heads(question: &Question<'_>) -> Result<Tree> {
    let args = &question.args.draft;
    if let Some(file) = &args.tree {
        if args.heads.is_empty() {
            return read(file);
        }
        // Beside it, `--method tree` takes the file.
        if !question.args.method.contains(&Method::Tree) {
            return Err("--method medusa: found --heads and --tree, expected one of them".to_owned());
        }
    }
    if args.heads.is_empty() {
        return Tree::chain(2, acceptance(question)?).map_err(text);
    }
    let guesses = args.heads.iter().map(|head| {
        let guesses = head.split(':').map(|guess| guess.trim().parse::<f64>());
        let guesses = guesses.collect::<std::result::Result<Vec<_>, _>>();
        guesses.map_err(|_| format!("--heads: found `{head}`, expected probabilities, as in 0.6:0.2"))
    });
    Tree::product(&guesses.collect::<Result<Vec<_>>>()?).map_err(|error| format!("--heads: {error}"))
}

pub(super) fn page(question: &Question<'_>, answer: &Speculation) -> String {
    let mut page = heading(question, true);
    let row = |what: &str, cost| [what.to_owned()].into_iter().chain(cells(cost)).collect::<Vec<_>>();
    let mut columns = headings(&["in the mean"]);
    columns.extend(headings(&COST));
    let rows = [
        row("drafting a round", &answer.round.draft),
        row("verifying it", &answer.round.verify),
        row("a step without", &answer.plain_step),
        row("prefill", &answer.prefill),
        row("in all", &answer.total),
        row("without a draft", &answer.plain),
    ];
    page += &(table(columns, 1, rows) + "\n");
    let (drafted, depth) = (answer.drafted, answer.depth);
    let width = if drafted == depth { String::new() } else { format!(", at most {depth} in a row") };
    page += &line("tokens drafted a round", format!("{drafted}{width}"));
    page += &line("tokens a round", format!("{:.3} in the mean, {:.1} rounds", answer.tokens_per_round, answer.rounds));
    page += &line("speed-up", format!("{:.2}× in all, {:.2}× per token", answer.speed_up, answer.speed_up_per_token));
    let goal = &answer.goal;
    let acceptance = match (answer.chain, goal.acceptance) {
        (None, _) => String::new(),
        (Some(_), Some(acceptance)) => format!(": acceptance {acceptance:.3}"),
        (Some(_), None) => ": no acceptance gives them".to_owned(),
    };
    page += &line(
        &format!("for {}× per token", digits(goal.speed_up)),
        format!("{:.3} tokens a round{acceptance}", goal.tokens_per_round),
    );
    let batch = match (answer.slower_from_batch, answer.slower_from_batch_more_than) {
        (Some(batch), _) => format!("slower from {batch} sequences at a time on"),
        (None, Some(batch)) => format!("slower from more than {batch} sequences at a time on, if at all"),
        (None, None) => "never slower".to_owned(),
    };
    page += &line("in larger batches", batch);
    if let Some(chain) = &answer.chain {
        let best = match (chain.best_gamma, chain.best_gamma_more_than) {
            (Some(0), _) => "none is faster".to_owned(),
            (Some(gamma), _) => format!("{gamma} tokens: {:.2}× per token", chain.best_speed_up),
            (None, more_than) => {
                let tokens = more_than.map_or_else(String::new, |tokens| format!("more than {tokens} tokens: "));
                format!("{tokens}at least {:.2}× per token", chain.best_speed_up)
            }
        };
        page += &line("best draft", best);
    }
    page += &line("time of a round", format!("at least {}", seconds(answer.round.total().lower_bound_s)));
    page + &memory(&answer.memory)
}
