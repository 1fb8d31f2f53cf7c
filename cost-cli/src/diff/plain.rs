//! What changed, for a terminal.

use cost_api::response::{Change, ChangeKind, Changes, Value};

use super::{beyond, cell, grown, title, verdict};
use crate::cell::{Cell, row};
use crate::page::table;
use crate::table::{headings, wrapped};

pub(super) fn page(of: &Changes) -> String {
    let mut page = verdict(of) + "\n";
    for limit in &of.beyond {
        page += &wrapped("  ", "    ", &beyond(limit));
    }
    for (what, names) in [("only before", &of.removed), ("only now", &of.added)] {
        if !names.is_empty() {
            page += &format!("\n{}", wrapped(&format!("{what}: "), "  ", &names.join("; ")));
        }
    }
    for changed in &of.changed {
        page += &format!("\n{}", wrapped("", "  ", &title(changed)));
        page += &figures(&changed.figures, "  ");
        for kernel in changed.kernels.iter().chain(&changed.exchanges) {
            let kind = match kernel.kind {
                ChangeKind::Added => " (new)",
                ChangeKind::Removed => " (gone)",
                ChangeKind::Changed => "",
            };
            page += &format!("\n  {}{kind}\n", kernel.path);
            page += &figures(&kernel.figures, "    ");
        }
    }
    page
}

/// Numbers in a table, and texts, which may be long, one under the other.
fn figures(changes: &[Change], indent: &str) -> String {
    let is_text =
        |change: &&Change| matches!((&change.old, &change.new), (Some(Value::Text(_)), _) | (_, Some(Value::Text(_))));
    let row = |change: &Change| {
        row![change.figure.clone(), cell(change.old.as_ref()), cell(change.new.as_ref()), grown(change)]
    };
    let numbers: Vec<Vec<Cell>> = changes.iter().filter(|change| !is_text(change)).map(row).collect();
    let mut page = String::new();
    if !numbers.is_empty() {
        let columns = headings(&["", "was", "is", ""]);
        let lines = table(columns, 1, numbers).plain();
        for line in lines.lines() {
            page += &format!("{}{line}\n", &indent[1..]);
        }
    }
    for change in changes.iter().filter(is_text) {
        page += &wrapped(&format!("{indent}{}  ", change.figure), &format!("{indent}    "), &cell(change.old.as_ref()));
        page += &wrapped(&format!("{indent}  → "), &format!("{indent}    "), &cell(change.new.as_ref()));
    }
    page
}
