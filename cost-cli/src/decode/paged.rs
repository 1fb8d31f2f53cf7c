//! Caches in blocks.

use cost_models::decode::paged::{Allocation, Paged};

use super::Question;
use super::show::{heading, line};
use crate::table::{bytes, headings, table};

pub(super) fn page(question: &Question<'_>, answer: &Paged) -> String {
    let mut page = heading(question, false);
    let row = |what: &str, it: &Allocation| {
        let share = it.wasted.to_f64() / it.reserved.to_f64() * 100.0;
        vec![
            what.to_owned(),
            bytes(it.reserved),
            bytes(it.wasted),
            format!("{share:.1} %"),
            bytes(it.copied),
            bytes(it.largest),
            it.sequences_that_fit.map_or_else(String::new, |count| count.to_string()),
        ]
    };
    let rows = [
        row("one piece, reserved", &answer.contiguous),
        row("one piece, reallocated", &answer.reallocated),
        row("blocks", &answer.paged),
        row("blocks, prefix shared", &answer.shared_prefix),
    ];
    let columns = ["caches in", "reserved", "wasted", "", "copied", "largest", "sequences that fit"];
    page += &(table(headings(&columns), 1, rows) + "\n");
    page += &line("sequences", answer.sequences);
    page += &line("tokens take", bytes(answer.used));
    page += &line("tokens of a block", answer.block);
    page += &line("common to all prompts", format!("{} tokens", answer.shared));
    page + &line("waste expected", format!("{} a sequence: (block − 1)/2 tokens", bytes(answer.expected_waste)))
}
