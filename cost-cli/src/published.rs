//! `cost published`

use clap::Args;
use cost_api::PublishedRequest;
use cost_models::published::{Outcome, markdown};

use crate::failure::Result;
use crate::output;
use crate::table::{headings, table};

#[derive(Args)]
pub(crate) struct PublishedArgs {
    #[command(flatten)]
    request: PublishedRequest,
    /// JSON instead of a table
    #[arg(long, conflicts_with = "markdown")]
    json: bool,
    /// A markdown page instead of a table
    #[arg(long)]
    markdown: bool,
}

/// Prints the rows that are asked for, and says whether each of them holds; pending ones don't count.
pub(crate) fn run(args: &PublishedArgs) -> Result<bool> {
    let outcomes = cost_api::published(&args.request);
    if args.json {
        output::json(&outcomes)?;
    } else if args.markdown {
        output::print(&markdown(&outcomes))?;
    } else {
        output::print(&page(&outcomes))?;
    }
    Ok(outcomes.iter().all(|outcome| outcome.holds != Some(false)))
}

fn page(outcomes: &[Outcome]) -> String {
    let cells = outcomes.iter().map(|outcome| {
        vec![
            outcome.id.to_owned(),
            outcome.published.to_owned(),
            outcome.derived.clone().unwrap_or_else(|| "-".to_owned()),
            outcome.verdict.name().to_owned(),
            outcome.holds.map_or("-", |holds| if holds { "yes" } else { "NO" }).to_owned(),
        ]
    });
    let count = |holds| outcomes.iter().filter(|outcome| outcome.holds == holds).count();
    let (good, bad, open) = (count(Some(true)), count(Some(false)), count(None));
    let text = table(headings(&["id", "published", "derived", "verdict", "holds"]), 5, cells);
    format!("{text}{good} of {} rows hold, {bad} do not, {open} are pending\n", outcomes.len())
}
