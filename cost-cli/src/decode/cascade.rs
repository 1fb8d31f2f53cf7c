//! Cascades.

use cost_models::decode::cascade::Cascade;

use super::Question;
use super::show::{BRIEF, brief, heading, line};
use crate::table::{headings, table};

pub(super) fn page(question: &Question<'_>, answer: &Cascade) -> String {
    let mut page = heading(question, true);
    let mut columns = headings(&["model", "reached", "accepted"]);
    columns.extend(headings(&BRIEF));
    let percent = |share: f64| format!("{:.1} %", share * 100.0);
    let mut rows: Vec<Vec<String>> = Vec::new();
    for stage in &answer.stages {
        let mut row = vec![stage.model.clone(), percent(stage.reached), percent(stage.acceptance)];
        row.extend(brief(&stage.cost));
        rows.push(row);
    }
    for (what, cost) in [("in the mean", &answer.total), ("all of them", &answer.worst)] {
        let mut row = vec![what.to_owned(), String::new(), String::new()];
        row.extend(brief(cost));
        rows.push(row);
    }
    page += &(table(columns, 1, rows) + "\n");
    page += &line("speed-up", format!("{:.2}× over the last model alone", answer.speed_up));
    let break_even = match answer.break_even {
        Some(acceptance) => format!("from {} accepted on", percent(acceptance)),
        None => "never".to_owned(),
    };
    page + &line("faster", break_even)
}
