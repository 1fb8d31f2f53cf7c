//! Methods that leave out layers.

use cost_models::decode::Mean;
use cost_models::decode::early_exit::EarlyExit;
use cost_models::decode::mixture_of_depths::MixtureOfDepths;

use super::Question;
use super::show::{COST, cells, heading, line};
use crate::cell::row;
use crate::page::{Page, table};
use crate::table::headings;

fn costs(rows: &[(&str, &Mean)]) -> Page {
    let mut columns = headings(&["in the mean"]);
    columns.extend(headings(&COST));
    let rows = rows.iter().map(|(what, cost)| {
        let mut row = row![*what];
        row.extend(cells(cost));
        row
    });
    table(columns, 1, rows) + "\n"
}

pub(super) fn early_exit(question: &Question<'_>, answer: &EarlyExit) -> Page {
    let mut page = heading(question, true);
    let step = &answer.step;
    page += costs(&[
        ("a step", &step.expected),
        ("of it classifiers", &step.classifiers),
        ("a step in full", &step.full),
        ("in all", &answer.total),
        ("without exits", &answer.plain),
    ]);
    page += &line("mean exit", format!("after layer {:.2} of {}", answer.mean_layer, answer.layers));
    page += &line(
        "speed-up",
        format!(
            "{:.2}× in all; {:.2}× a step, {:.2}× in its layers",
            answer.speed_up, step.speed_up, step.layers_speed_up
        ),
    );
    page + &line("classes", answer.classes)
}

pub(super) fn mixture_of_depths(question: &Question<'_>, answer: &MixtureOfDepths) -> Page {
    let mut page = heading(question, true);
    page += costs(&[("prefill", &answer.prefill), ("in all", &answer.total), ("without routing", &answer.plain)]);
    page += &line(
        "routed",
        format!("{} of {} layers, {} % of the tokens", answer.routed, answer.layers, answer.capacity * 100.0),
    );
    page += &line(
        "FLOPs saved",
        format!("{:.1} % of the prefill, at most {:.1} %", answer.saved * 100.0, answer.saved_at_most * 100.0),
    );
    let half = match answer.capacity_for_half {
        Some(capacity) => format!("{:.2} % of the tokens", capacity * 100.0),
        None => "no capacity".to_owned(),
    };
    page += &line("to save half", half);
    page + &line("speed-up", format!("{:.2}×", answer.speed_up))
}
