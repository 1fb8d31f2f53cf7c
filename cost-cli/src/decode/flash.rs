//! Attention by tiles.

use cost_models::decode::flash::{Flash, Tiled};

use super::Question;
use super::show::{exact, heading, line};
use crate::cell::{Cell, row};
use crate::page::{Page, table};
use crate::table::{bytes, headings};

pub(super) fn page(question: &Question<'_>, answer: &Flash) -> Page {
    let mut page = heading(question, false);
    page += &format!(
        "the attention of a layer over {} prompts of {} tokens\n\n",
        question.about.task.sequences, question.about.task.prompt
    );
    let mut rows = Vec::new();
    let mut row = |what: String, on_chip: Cell, fits: &str, cost| {
        // All of a cost but its weights, of which there are none.
        let cells = exact(cost).into_iter().enumerate().filter(|(at, _)| *at != 2).map(|(_, cell)| cell);
        rows.push(row![what, on_chip, fits].into_iter().chain(cells).collect());
    };
    row("unfused".to_owned(), "".into(), "", &answer.unfused);
    row("fused".to_owned(), "".into(), "", &answer.fused);
    // Unless tiles were asked for, those with most keys by number of queries, and none that doesn't fit.
    let asked = !question.request.other.tiles.is_empty();
    let fitting = |tiled: &&Tiled| asked || tiled.fits != Some(false);
    let mut shown = answer.tiles.iter().filter(fitting).peekable();
    while let Some(tiled) = shown.next() {
        if !asked && shown.peek().is_some_and(|next| next.tile.queries == tiled.tile.queries) {
            continue;
        }
        let best = if answer.best == Some(tiled.tile) { "best" } else { "" };
        let fits = match tiled.fits {
            Some(false) => "too large",
            _ => best,
        };
        row(format!("{} × {}", tiled.tile.queries, tiled.tile.keys), Cell::bytes(tiled.on_chip), fits, &tiled.cost);
    }
    let columns = ["tile", "on chip", "", "FLOPs", "bytes", "activations", "cache", "at least", "bound"];
    page += table(headings(&columns), 1, rows) + "\n";
    if let Some(limit) = answer.on_chip {
        page += &line("a block has on chip", bytes(limit));
    }
    page += &line("bytes", &answer.bytes_formula);
    page + &line("on chip", &answer.on_chip_formula)
}
