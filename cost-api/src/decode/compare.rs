//! Several methods beside each other.

use cost_models::decode::Row;

use super::{Question, answer};
use crate::error::{Error, Result};
use crate::response::{Compared, DecodeAnswer};

/// The answers with how they compare.
pub(super) fn compared(question: &Question<'_>, answers: Vec<DecodeAnswer>) -> Result<Vec<Compared>> {
    let rows = answers.iter().zip(question.request.methods()).map(|(it, method)| {
        answer::row(question, it).ok_or_else(|| {
            Error::option("method", format_args!("{} answers another question, ask for it alone", method.name()))
        })
    });
    let rows = rows.collect::<Result<Vec<Row>>>()?;
    let first = rows.first().map_or(0.0, |row| row.seconds);
    if let Some(other) = rows.iter().find(|row| Some(row.tokens) != rows.first().map(|row| row.tokens)) {
        let said = format!(
            "{} gives {} tokens, {} gives {}: they are not asked the same; \
             expected only batching methods with --requests or --draw",
            rows[0].method, rows[0].tokens, other.method, other.tokens
        );
        return Err(Error::option("method", said));
    }
    let notes = &question.deployment.model().notes;
    let compared = rows.into_iter().zip(answers);
    Ok(compared
        .map(|(row, answer)| Compared { speed_up: first / row.seconds, row, answer, notes: notes.clone() })
        .collect())
}
