//! Several methods beside each other.

use cost_api::response::Compared;
use cost_models::decode::Row;

use super::Question;
use super::show::heading;
use crate::cell::{Cell, row};
use crate::page::{Page, table};
use crate::table::headings;

pub(super) fn page(question: &Question<'_>, compared: &[Compared]) -> Page {
    let drawn = question.request.batching.requests.is_some() || question.request.batching.draw.is_some();
    let rows = compared.iter().map(|compared| {
        let Row { method, steps, cost, seconds: time, tokens_per_s, .. } = &compared.row;
        let cost = cost.mean();
        row![
            method.clone(),
            Cell::digits(steps.to_f64()),
            Cell::si(cost.flops),
            Cell::si(cost.bytes),
            Cell::seconds(*time),
            Cell::digits(*tokens_per_s),
            Cell::new(format!("{:.2}×", compared.speed_up), compared.speed_up),
        ]
    });
    let columns = headings(&["method", "steps", "FLOPs", "bytes", "at least", "tokens/s", "speed"]);
    heading(question, !drawn) + table(columns, 1, rows)
}
