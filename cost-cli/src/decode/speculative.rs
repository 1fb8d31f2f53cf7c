//! Speculative decoding.

use cost_models::decode::speculative::Speculation;

use super::Question;
use super::show::{COST, cells, heading, line, memory};
use crate::cell::row;
use crate::page::{Page, table};
use crate::table::{digits, headings, seconds};

pub(super) fn page(question: &Question<'_>, answer: &Speculation) -> Page {
    let mut page = heading(question, true);
    let row = |what: &str, cost| row![what].into_iter().chain(cells(cost)).collect::<Vec<_>>();
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
    page += table(columns, 1, rows) + "\n";
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
