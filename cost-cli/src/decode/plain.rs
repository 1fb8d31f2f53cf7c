//! Token by token, with and without a cache.

use cost_models::decode::{Cost, Fit, Generation};

use super::Question;
use super::show::{COST, bytes, exact, heading, line};
use crate::table::{digits, headings, seconds, table};

/// More tokens than any memory ends at: states don't grow with the tokens.
const UNLIMITED: u64 = 1 << 40;

pub(super) fn page(question: &Question<'_>, answer: &Generation) -> String {
    let row = |what: &str, steps: u64, cost: &Cost| {
        let mut row = vec![what.to_owned(), steps.to_string()];
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
    let mut page = heading(question, true) + &table(columns, 1, rows) + "\n";
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
    let from = |tokens: Option<u64>| tokens.map_or("never".to_owned(), |tokens| format!("from {tokens} tokens on"));
    let [faster, twice] = [answer.break_even, answer.twice_from].map(from);
    format!("a step is faster {faster}, twice as fast {twice}")
}

fn memory(fit: &Fit) -> String {
    let parts = format!(
        "{}: weights {}, cache {}, activations {}",
        bytes(fit.total),
        bytes(fit.weights),
        bytes(fit.cache),
        bytes(fit.activations),
    );
    let mut text = line("memory", parts);
    if let (Some(memory), Some(fits), Some(batch), Some(context)) =
        (fit.memory, fit.fits, fit.max_batch, fit.max_context)
    {
        let verdict = if fits { "fits" } else { "does not fit" };
        let most = match (batch, context) {
            (0, _) => "not even one sequence does".to_owned(),
            (_, UNLIMITED..) => format!("at most {batch} such sequences, of any length"),
            _ => format!("at most {batch} such sequences, or {context} tokens a sequence"),
        };
        text += &line("", format!("{verdict} {}; {most}", bytes(memory)));
    }
    text
}
