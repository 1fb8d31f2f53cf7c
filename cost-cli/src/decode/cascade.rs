//! Cascades.

use cost_models::decode::cascade::Cascade;

use super::Question;
use super::show::{BRIEF, brief, heading, line};
use crate::cell::{Cell, row};
use crate::page::{Page, table};
use crate::table::headings;

pub(super) fn page(question: &Question<'_>, answer: &Cascade) -> Page {
    let mut page = heading(question, true);
    let mut columns = headings(&["model", "reached", "accepted"]);
    columns.extend(headings(&BRIEF));

    let mut rows: Vec<Vec<Cell>> = Vec::new();
    for stage in &answer.stages {
        let mut row = row![stage.model.clone(), Cell::share(stage.reached), Cell::share(stage.acceptance)];
        row.extend(brief(&stage.cost));
        rows.push(row);
    }
    for (what, cost) in [("in the mean", &answer.total), ("all of them", &answer.worst)] {
        let mut row = row![what, "", ""];
        row.extend(brief(cost));
        rows.push(row);
    }
    page += table(columns, 1, rows) + "\n";
    page += &line("speed-up", format!("{:.2}× over the last model alone", answer.speed_up));
    let break_even = match answer.break_even {
        Some(acceptance) => format!("from {:.1} % accepted on", acceptance * 100.0),
        None => "never".to_owned(),
    };
    page + &line("faster", break_even)
}
