//! Batching of requests.

use cost_models::decode::batching::{Batching, Grid, Spread};

use super::Question;
use super::show::{COST, exact, heading, line};
use crate::cell::{Cell, row};
use crate::page::{Page, table};
use crate::table::{bytes, digits, headings};

pub(super) fn page(question: &Question<'_>, answer: &Batching) -> Page {
    let mut page = heading(question, false);
    let budget = answer.budget.map_or_else(String::new, |budget| format!(", at most {budget} tokens a step"));
    page += &format!("{} batching in {} slots{budget}\n\n", answer.policy, answer.slots);
    let mut columns = headings(&["requests", "steps"]);
    columns.extend(headings(&COST));
    let mut row = row![answer.requests.to_string(), answer.steps.to_string()];
    row.extend(exact(&answer.cost));
    page += table(columns, 0, [row]);
    page += "\n";
    page += spreads(answer);
    page += "\n";
    page += &line("tokens", format!("{} of answers, {} of prompts", answer.tokens, answer.prompt_tokens));
    page += &line("tokens a second", format!("at most {}", digits(answer.tokens_per_s)));
    page += &line("slots in use", format!("{:.2} %", answer.utilisation * 100.0));
    let fits = match answer.fits {
        Some(true) => "; fits the device",
        Some(false) => "; does not fit the device with the weights",
        None => "",
    };
    page += &line("cache", format!("{} at most", bytes(answer.cache_peak)));
    page += &line("activations", format!("{} at most{fits}", bytes(answer.activations_peak)));
    let chunk = match (answer.chunk_at_ridge, answer.chunk_at_ridge_more_than) {
        (Some(1), _) => "at once".to_owned(),
        (Some(tokens), _) => format!("with {tokens} tokens of a prompt beside the other slots' answers"),
        (None, Some(tokens)) => format!("with more than {tokens} tokens of a prompt, if at all"),
        (None, None) => "never".to_owned(),
    };
    page += &line("compute bound", chunk);
    if let Some(grid) = &answer.grid {
        page += "\n";
        page += slots(grid);
    }
    page
}

fn spreads(answer: &Batching) -> Page {
    let row = |what: &str, spread: &Spread| {
        let values = [spread.mean, spread.p50, spread.p90, spread.p99, spread.max];
        row![what].into_iter().chain(values.map(Cell::seconds)).collect::<Vec<_>>()
    };
    let mut rows = vec![row("time to first token", &answer.ttft_s)];
    rows.extend(answer.tpot_s.as_ref().map(|spread| row("time per output token", spread)));
    rows.push(row("time to last token", &answer.latency_s));
    table(headings(&["at least", "mean", "50 %", "90 %", "99 %", "100 %"]), 1, rows)
}

fn slots(grid: &Grid) -> Page {
    let columns = (1..=grid.steps.len()).map(|step| format!("T{step}"));
    let rows = grid.rows().into_iter().map(|row| row.into_iter().map(Cell::from).collect());
    let used = format!("slots in use in these steps: {:.2} %\n", grid.utilisation() * 100.0);
    table(columns.collect(), 99, rows) + &used
}
