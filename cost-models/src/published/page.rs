//! The ledger as a markdown page.

use super::row::{Document, Outcome, Row};
use super::verdict::Verdict;

/// The page of these rows.
pub fn markdown(outcomes: &[Outcome]) -> String {
    let mut page = "# Published figures\n\n\
        What documents on the cost of inference print, beside what the operators of this project give for the same \
        inputs.\nThis page is the output of `cost published --markdown`.\n\n"
        .to_owned();
    for verdict in Verdict::ALL {
        let count = outcomes.iter().filter(|outcome| outcome.verdict == *verdict).count();
        if count > 0 {
            page += &format!("- **{}** ({count}): {}\n", verdict.name(), verdict.meaning());
        }
    }
    for document in Document::ALL {
        let mut rows = outcomes.iter().filter(|outcome| outcome.document == *document).peekable();
        if rows.peek().is_none() {
            continue;
        }
        page += &format!("\n## Document {}: {}\n\n", document.number(), document.title());
        page += "| id | figure | published | derived | verdict | holds |\n|---|---|---|---|---|---|\n";
        let mut notes = String::new();
        for outcome in rows {
            page += &line(outcome);
            notes += &about(outcome);
        }
        page += &format!("\n{notes}");
    }
    page
}

fn line(outcome: &Outcome) -> String {
    let Outcome { row, id, published, verdict, .. } = outcome;
    let derived = outcome.derived.as_deref().unwrap_or("–");
    let holds = match outcome.holds {
        None => "–",
        Some(true) => "yes",
        Some(false) => "**no**",
    };
    let cells = [*id, row.figure, *published, derived, verdict.name(), holds];
    format!("| {} |\n", cells.map(|cell| cell.replace('|', "\\|")).join(" | "))
}

fn about(outcome: &Outcome) -> String {
    let Row { place, inputs, .. } = outcome.row;
    let inputs = if inputs.is_empty() { String::new() } else { format!("; {inputs}") };
    let note = if outcome.note.is_empty() { String::new() } else { format!(": {}", outcome.note) };
    format!("- `{}` (in “{place}”{inputs}){note}\n", outcome.id)
}
