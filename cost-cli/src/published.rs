//! `cost published`

use clap::Args;
use cost_api::PublishedRequest;
use cost_models::published::{Outcome, markdown};

use crate::args::ListArgs;
use crate::cell::{Cell, row};
use crate::failure::Result;
use crate::output;
use crate::page::{Page, table};
use crate::table::headings;

#[derive(Args)]
pub(crate) struct PublishedArgs {
    #[command(flatten)]
    request: PublishedRequest,
    /// The whole ledger as a markdown page, with what is said of its rows, instead of a table
    #[arg(long, conflicts_with_all = ["json", "table"])]
    markdown: bool,
    #[command(flatten)]
    output: ListArgs,
}

/// Prints the rows that are asked for, and says whether each of them holds; pending ones don't count.
pub(crate) fn run(args: &PublishedArgs) -> Result<bool> {
    let outcomes = cost_api::published(&args.request);
    if args.output.json {
        output::json(&outcomes)?;
    } else if args.markdown {
        output::print(&markdown(&outcomes))?;
    } else {
        output::page(&page(&outcomes), &args.output)?;
    }
    Ok(outcomes.iter().all(|outcome| outcome.holds != Some(false)))
}

fn page(outcomes: &[Outcome]) -> Page {
    let cells = outcomes.iter().map(|outcome| {
        row![
            outcome.id,
            outcome.published,
            outcome.derived.clone().unwrap_or_else(|| "-".to_owned()),
            outcome.verdict.name(),
            outcome.holds.map_or(Cell::from("-"), |holds| Cell::verdict(holds, if holds { "yes" } else { "NO" })),
        ]
    });
    let count = |holds| outcomes.iter().filter(|outcome| outcome.holds == holds).count();
    let (good, bad, open) = (count(Some(true)), count(Some(false)), count(None));
    let table = table(headings(&["id", "published", "derived", "verdict", "holds"]), 5, cells);
    table + format!("{good} of {} rows hold, {bad} do not, {open} are pending\n", outcomes.len()).as_str()
}
