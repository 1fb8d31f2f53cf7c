//! `cost diff`

mod csv;
mod markdown;
mod plain;

use clap::Args;
use cost_api::DiffRequest;
use cost_api::response::{Beyond, Change, Changed, Changes, Diff, Value, Verdict};

use crate::args::{ListArgs, Table};
use crate::failure::{Result, text};
use crate::load::Disk;
use crate::output;
use crate::table::{digits, grouped};

#[derive(Args)]
pub(crate) struct DiffArgs {
    #[command(flatten)]
    request: DiffRequest,
    #[command(flatten)]
    output: ListArgs,
}

/// Prints what changed, and says whether that is allowed.
pub(crate) fn run(args: &DiffArgs) -> Result<bool> {
    let diff = cost_api::diff(&args.request, &Disk).map_err(text)?;
    let holds = match &diff {
        Diff::Changes(changes) => changes.verdict.holds(),
        Diff::Benchmark(_) => true,
    };
    match (&diff, args.output.table) {
        (Diff::Changes(changes), table) if !args.output.json => output::print(&match table {
            None | Some(Table::Plain) => plain::page(changes),
            Some(Table::Markdown) => markdown::page(changes),
            Some(Table::Csv) => csv::page(changes),
        })?,
        // What github-action-benchmark reads is JSON whatever else is asked for.
        _ => output::json(&diff)?,
    }
    Ok(holds)
}

/// How it came out, in a sentence.
fn verdict(of: &Changes) -> String {
    let costs = |count: usize| if count == 1 { "1 cost".to_owned() } else { format!("{count} costs") };
    let differ = of.changed.len() + of.added.len() + of.removed.len();
    let all = of.compared + of.added.len() + of.removed.len();
    let some = match (all, differ) {
        (1, 0) => "nothing changed".to_owned(),
        (1, _) => "it costs something else".to_owned(),
        _ => format!("{differ} of {} changed", costs(all)),
    };
    match of.verdict {
        Verdict::Same => format!("Same: {} compared, nothing changed", costs(all)),
        Verdict::Within => format!("Within limits: {some}"),
        Verdict::Changed => format!("Changed: {some}"),
        Verdict::Beyond if of.beyond.len() == 1 => format!("Beyond limits: 1 figure; {some}"),
        Verdict::Beyond => format!("Beyond limits: {} figures; {some}", of.beyond.len()),
    }
}

/// What a cost is of: a name, and the step or the sizes.
fn title(of: &Changed) -> String {
    let asked = of.workload.iter().map(|(name, value)| match value {
        Value::Text(text) => text.clone(),
        value => format!("{name} {}", shown(value)),
    });
    let asked: Vec<String> = asked.collect();
    let asked = if asked.is_empty() { "formulas".to_owned() } else { asked.join(", ") };
    let was = of.was.as_ref().map_or_else(String::new, |was| format!(" (was {was})"));
    format!("{}{was}: {asked}", of.of)
}

/// A limit that is passed, with the figure.
fn beyond(of: &Beyond) -> String {
    let [old, new] = [&of.change.old, &of.change.new].map(|value| cell(value.as_ref()));
    let grown = grown(&of.change);
    let grown = if grown.is_empty() { grown } else { format!(" ({grown})") };
    format!("`{}`: {} of {} was {old} and is {new}{grown}", of.limit, of.change.figure, of.of)
}

/// A figure that may not be there.
fn cell(value: Option<&Value>) -> String {
    value.map_or_else(|| "–".to_owned(), shown)
}

fn shown(value: &Value) -> String {
    match value {
        Value::Whole(whole) => grouped(*whole),
        Value::Real(real) if real.abs() >= 0.01 && real.abs() < 1e6 => digits(*real),
        Value::Real(real) => format!("{real:.3e}"),
        Value::Text(text) => text.clone(),
    }
}

/// By how much a figure grew: `+1.25 %`.
fn grown(change: &Change) -> String {
    match change.change.map(|share| share * 100.0) {
        None | Some(0.0) => String::new(),
        Some(share) if share.abs() >= 1000.0 => format!("× {}", digits(share / 100.0 + 1.0)),
        Some(share) if share.abs() < 0.005 => format!("{share:+.1e} %"),
        Some(share) => format!("{share:+.2} %"),
    }
}
