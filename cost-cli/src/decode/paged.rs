//! Caches in blocks.

use cost_models::decode::paged::{Allocation, Paged};

use super::Question;
use super::show::{heading, line};
use crate::cell::{Cell, row};
use crate::page::{Page, table};
use crate::table::{bytes, headings};

pub(super) fn page(question: &Question<'_>, answer: &Paged) -> Page {
    let mut page = heading(question, false);
    let row = |what: &str, it: &Allocation| {
        let share = it.wasted.to_f64() / it.reserved.to_f64();
        row![
            what,
            Cell::bytes(it.reserved),
            Cell::bytes(it.wasted),
            Cell::share(share),
            Cell::bytes(it.copied),
            Cell::bytes(it.largest),
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
    page += table(headings(&columns), 1, rows) + "\n";
    page += &line("sequences", answer.sequences);
    page += &line("tokens take", bytes(answer.used));
    page += &line("tokens of a block", answer.block);
    page += &line("common to all prompts", format!("{} tokens", answer.shared));
    page + &line("waste expected", format!("{} a sequence: (block − 1)/2 tokens", bytes(answer.expected_waste)))
}
