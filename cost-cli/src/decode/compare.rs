//! Several methods beside each other.

use cost_api::response::Compared;
use cost_models::decode::Row;

use super::Question;
use super::show::heading;
use crate::table::{digits, headings, seconds, si, table};

pub(super) fn page(question: &Question<'_>, compared: &[Compared]) -> String {
    let drawn = question.request.batching.requests.is_some() || question.request.batching.draw.is_some();
    let rows = compared.iter().map(|compared| {
        let Row { method, steps, cost, seconds: time, tokens_per_s, .. } = &compared.row;
        let cost = cost.mean();
        vec![
            method.clone(),
            digits(steps.to_f64()),
            si(cost.flops),
            si(cost.bytes),
            seconds(*time),
            digits(*tokens_per_s),
            format!("{:.2}×", compared.speed_up),
        ]
    });
    let columns = headings(&["method", "steps", "FLOPs", "bytes", "at least", "tokens/s", "speed"]);
    heading(question, !drawn) + &table(columns, 1, rows)
}
