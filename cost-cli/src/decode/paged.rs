//! Caches in blocks.

use cost_models::decode::paged::{Allocation, Paged, paged};

use super::Question;
use super::batching::requests;
use super::show::{heading, line};
use crate::failure::{Result, text};
use crate::table::{bytes, headings, table};

/// How the caches of the requests are kept.
pub(super) fn kept(question: &Question<'_>) -> Result<Paged> {
    let Question { args, deployment, .. } = question;
    let requests = requests(question)?;
    let (shared, shortest) = (args.other.shared, requests.iter().map(|request| request.prompt).min());
    if args.batching.draw.is_some()
        && let Some(shortest) = shortest.filter(|shortest| *shortest < shared)
    {
        return Err(format!(
            "--shared: found {shared}, expected at most {shortest}, the length of the shortest prompt drawn; longer \
             ones are drawn with --prompts geometric:MEAN:{shared} or uniform:{shared}:TO"
        ));
    }
    let longest = args.other.reserve.or(deployment.model().context);
    let longest = longest.ok_or("--method paged needs --reserve TOKENS: the model's context isn't known")?;
    paged(deployment, &requests, args.other.block, longest, args.other.shared).map_err(text)
}

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
