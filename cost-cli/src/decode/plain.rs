//! Token by token, with and without a cache.

use cost_models::decode::{Cost, Generation};

use super::Question;
use super::show::{COST, exact, heading, line, memory};
use crate::cell::row;
use crate::page::{Page, table};
use crate::table::{digits, headings, seconds};

pub(super) fn page(question: &Question<'_>, answer: &Generation) -> Page {
    let row = |what: &str, steps: u64, cost: &Cost| {
        let mut row = row![what, steps.to_string()];
        row.extend(exact(cost));
        row
    };
    let mut columns = headings(&["", "steps"]);
    columns.extend(headings(&COST));
    let rows = [
        row("prefill", 1, &answer.prefill),
        row("decode", answer.steps - 1, &answer.decode),
        row("in all", answer.steps, &answer.total),
        row("without a cache", answer.steps, &answer.uncached),
    ];
    let mut page = heading(question, true) + table(columns, 1, rows) + "\n";
    page += &line("time to first token", format!("at least {}", seconds(answer.ttft_s)));
    if let Some(tpot) = answer.tpot_s {
        page += &line("time per output token", format!("at least {}", seconds(tpot)));
    }
    page += &line("tokens a second", format!("at most {}", digits(answer.tokens_per_s)));
    page += &line("with a cache", format!("{} times faster", digits(answer.speed_up)));
    page += &line("", from(answer));
    page + &memory(&answer.memory)
}

/// From how many tokens on a step with a cache is faster.
fn from(answer: &Generation) -> String {
    let from = |(tokens, more_than): (Option<u64>, Option<u64>)| match (tokens, more_than) {
        (Some(tokens), _) => format!("from {tokens} tokens on"),
        (None, Some(tokens)) => format!("from more than {tokens} on, if at all"),
        (None, None) => "never".to_owned(),
    };
    let Generation { break_even, break_even_more_than, twice_from, twice_from_more_than, .. } = answer;
    let [faster, twice] = [(*break_even, *break_even_more_than), (*twice_from, *twice_from_more_than)].map(from);
    format!("a step is faster {faster}, twice as fast {twice}")
}
