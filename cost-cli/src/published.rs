//! `cost published`

use cost_models::published::{self, Document, Outcome, Verdict};

use crate::args::{DocumentArg, PublishedArgs, VerdictArg};
use crate::failure::Result;
use crate::output;
use crate::table::{headings, table};

/// Prints the rows that are asked for, and says whether each of them holds; pending ones don't count.
pub(crate) fn run(args: &PublishedArgs) -> Result<bool> {
    let document = args.document.map(document);
    let verdict = args.verdict.map(verdict);
    let wanted = published::rows()
        .filter(|row| document.is_none_or(|document| row.document == document))
        .filter(|row| verdict.is_none_or(|verdict| row.verdict == verdict));
    let outcomes: Vec<Outcome> = wanted.map(published::Row::outcome).collect();
    if args.json {
        output::json(&outcomes)?;
    } else if args.markdown {
        output::print(&published::markdown(&outcomes))?;
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

fn document(arg: DocumentArg) -> Document {
    match arg {
        DocumentArg::Myth => Document::Myth,
        DocumentArg::Bandwidth => Document::Bandwidth,
        DocumentArg::Heads => Document::Heads,
        DocumentArg::Acceleration => Document::Acceleration,
    }
}

fn verdict(arg: VerdictArg) -> Verdict {
    match arg {
        VerdictArg::Derive => Verdict::Derive,
        VerdictArg::Exact => Verdict::Exact,
        VerdictArg::Rounded => Verdict::Rounded,
        VerdictArg::Convention => Verdict::Convention,
        VerdictArg::Erratum => Verdict::Erratum,
        VerdictArg::Empirical => Verdict::Empirical,
        VerdictArg::Pending => Verdict::Pending,
    }
}
