//! Cascades.

use cost_models::decode::cascade::{Cascade, cascade};

use super::Question;
use super::show::{BRIEF, brief, heading, line};
use crate::failure::{Result, text};
use crate::table::{headings, table};

pub(super) fn answer(question: &Question<'_>) -> Result<Cascade> {
    let Question { args, deployment, task, .. } = question;
    if args.other.before.is_empty() {
        return Err("--method cascade needs --before MODEL,…".to_owned());
    }
    let mut models = args.other.before.iter().map(|name| question.beside_named(name)).collect::<Result<Vec<_>>>()?;
    models.push(deployment.clone());
    let classifier = args.other.classifier.as_ref().map(|name| question.beside_named(name)).transpose()?;
    let mut acceptance = args.draft.acceptance.clone();
    // One number is for all of them.
    if let [one] = acceptance.as_slice() {
        acceptance = vec![*one; models.len() - 1];
    }
    cascade(&models, &acceptance, classifier.as_ref(), task).map_err(text)
}

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
