//! Several tokens at a time.

use cost_models::decode::parallel::Grouped;

use super::Question;
use super::show::{COST, cells, exact, heading, line};
use crate::cell::{Cell, row};
use crate::page::{Page, table};
use crate::table::{headings, wrapped};

pub(super) fn page(question: &Question<'_>, answer: &Grouped) -> Page {
    let mut page = heading(question, true);
    let mut columns = headings(&["", "passes"]);
    columns.extend(headings(&COST));
    let row = |what: &str, passes: u64, cells: Vec<Cell>| {
        row![what, passes.to_string()].into_iter().chain(cells).collect::<Vec<_>>()
    };
    let rows = [
        row("prefill", 1, exact(&answer.prefill)),
        row("a pass", 1, cells(&answer.pass())),
        row("in all", answer.steps, exact(&answer.total)),
        row("token by token", question.about.task.output, exact(&answer.plain)),
    ];
    page += table(columns, 1, rows) + "\n";
    page += &line("tokens of a group", answer.group);
    page += &line("passes", format!("{} = {}", answer.formula, answer.steps));
    page += &line("speed-up", format!("{:.2}×", answer.speed_up));
    page + "\n" + &wrapped("note: ", "  ", &answer.note)
}
