//! Attention by tiles.

use cost_models::decode::Part;
use cost_models::decode::flash::{Flash, Tile, Tiled, flash};

use super::Question;
use super::show::{exact, heading, line};
use crate::failure::{Result, text};
use crate::table::{bytes, headings, table};

/// The attention of the prompts.
pub(super) fn tiled(question: &Question<'_>) -> Result<Flash> {
    let Question { args, deployment, task, .. } = question;
    let tiles = args.other.tiles.iter().map(|tile| {
        let read = tile.split_once('x').and_then(|(queries, keys)| Some((queries.parse().ok()?, keys.parse().ok()?)));
        let (queries, keys) =
            read.ok_or_else(|| format!("--tiles: found `{tile}`, expected QUERIESxKEYS, as in 128x64"))?;
        Ok(Tile { queries, keys })
    });
    flash(deployment, &Part::prefill(task.sequences, task.prompt), &tiles.collect::<Result<Vec<_>>>()?).map_err(text)
}

pub(super) fn page(question: &Question<'_>, answer: &Flash) -> String {
    let mut page = heading(question, false);
    page += &format!(
        "the attention of a layer over {} prompts of {} tokens\n\n",
        question.task.sequences, question.task.prompt
    );
    let mut rows = Vec::new();
    let mut row = |what: String, on_chip: String, fits: &str, cost| {
        let [flops, moved, _, activations, cache, time, bound] =
            <[String; 7]>::try_from(exact(cost)).unwrap_or_default();
        rows.push(vec![what, on_chip, fits.to_owned(), flops, moved, activations, cache, time, bound]);
    };
    row("unfused".to_owned(), String::new(), "", &answer.unfused);
    row("fused".to_owned(), String::new(), "", &answer.fused);
    // Unless tiles were asked for, those with most keys by number of queries, and none that doesn't fit.
    let asked = !question.args.other.tiles.is_empty();
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
        row(format!("{} × {}", tiled.tile.queries, tiled.tile.keys), bytes(tiled.on_chip), fits, &tiled.cost);
    }
    let columns = ["tile", "on chip", "", "FLOPs", "bytes", "activations", "cache", "at least", "bound"];
    page += &(table(headings(&columns), 1, rows) + "\n");
    if let Some(limit) = answer.on_chip {
        page += &line("a block has on chip", bytes(limit));
    }
    page += &line("bytes", &answer.bytes_formula);
    page + &line("on chip", &answer.on_chip_formula)
}
