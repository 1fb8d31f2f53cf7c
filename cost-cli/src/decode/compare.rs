//! Several methods beside each other.

use cost_models::Note;
use cost_models::decode::Row;
use serde::Serialize;

use super::Question;
use super::answer::Answer;
use super::show::heading;
use crate::failure::Result;
use crate::table::{digits, headings, seconds, si, table};

/// A method beside the first.
#[derive(Serialize)]
pub(super) struct Compared<'a> {
    #[serde(flatten)]
    row: Row,
    /// How many times faster than the first method.
    speed_up: f64,
    answer: &'a Answer,
    notes: &'a [Note],
}

/// The answers with how they compare.
pub(super) fn rows<'a>(question: &'a Question<'_>, answers: &'a [Answer]) -> Result<Vec<Compared<'a>>> {
    let methods = &question.args.method;
    let rows = answers.iter().zip(methods).map(|(answer, method)| {
        answer
            .row(question)
            .ok_or_else(|| format!("--method: {} answers another question, ask for it alone", method.name()))
    });
    let rows = rows.collect::<Result<Vec<_>>>()?;
    let first = rows.first().map_or(0.0, |row| row.seconds);
    if let Some(other) = rows.iter().find(|row| Some(row.tokens) != rows.first().map(|row| row.tokens)) {
        return Err(format!(
            "--method: {} gives {} tokens, {} gives {}: they are not asked the same; \
             expected only batching methods with --requests or --draw",
            rows[0].method, rows[0].tokens, other.method, other.tokens
        ));
    }
    let compared = rows.into_iter().zip(answers);
    Ok(compared
        .map(|(row, answer)| Compared { speed_up: first / row.seconds, row, answer, notes: question.notes() })
        .collect())
}

pub(super) fn page(question: &Question<'_>, answers: &[Answer]) -> Result<String> {
    let drawn = question.args.batching.requests.is_some() || question.args.batching.draw.is_some();
    let rows = rows(question, answers)?.into_iter().map(|compared| {
        let Row { method, steps, cost, seconds: time, tokens_per_s, .. } = compared.row;
        let cost = cost.mean();
        vec![
            method,
            digits(steps.to_f64()),
            si(cost.flops),
            si(cost.bytes),
            seconds(time),
            digits(tokens_per_s),
            format!("{:.2}×", compared.speed_up),
        ]
    });
    let columns = headings(&["method", "steps", "FLOPs", "bytes", "at least", "tokens/s", "speed"]);
    Ok(heading(question, !drawn) + &table(columns, 1, rows))
}
