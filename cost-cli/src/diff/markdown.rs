//! What changed, for a comment.

use cost_api::response::{Change, ChangeKind, Changed, Changes, KernelChange};

use super::{beyond, cell, grown, title, verdict};
use crate::page::escaped as text;

pub(super) fn page(of: &Changes) -> String {
    let mut page = format!("**{}**\n", text(&verdict(of)));
    if !of.beyond.is_empty() {
        page += "\n";
    }
    for limit in &of.beyond {
        page += &format!("- {}\n", beyond(limit).replace('\n', " "));
    }
    for (what, names) in [("Only before", &of.removed), ("Only now", &of.added)] {
        if !names.is_empty() {
            page += &format!("\n{what}: {}\n", text(&names.join("; ")));
        }
    }
    of.changed.iter().for_each(|changed| page += &of_one(changed));
    page
}

fn of_one(of: &Changed) -> String {
    let mut page = format!("\n#### {}\n", text(&title(of)));
    if !of.figures.is_empty() {
        page += &format!("\n| | was | is | |\n|---|--:|--:|--:|\n{}", rows(None, &of.figures));
    }
    for (what, changed) in [("kernel", &of.kernels), ("exchange", &of.exchanges)] {
        if !changed.is_empty() {
            page += &folded(what, changed);
        }
    }
    page
}

/// Kernels or exchanges, folded up.
fn folded(what: &str, changed: &[KernelChange]) -> String {
    let plural = if changed.len() == 1 { "" } else { "s" };
    let head = format!("<details><summary>{} {what}{plural}</summary>", changed.len());
    let mut page = format!("\n{head}\n\n| {what} | | was | is | |\n|---|---|--:|--:|--:|\n");
    for kernel in changed {
        let kind = match kernel.kind {
            ChangeKind::Added => " (new)",
            ChangeKind::Removed => " (gone)",
            ChangeKind::Changed => "",
        };
        page += &rows(Some(&format!("{}{kind}", kernel.path)), &kernel.figures);
    }
    page + "\n</details>\n"
}

/// A row for each change; a kernel's path stands before its first.
fn rows(kernel: Option<&str>, changes: &[Change]) -> String {
    let row = |(at, change): (usize, &Change)| {
        let first = kernel.map(|path| if at == 0 { format!("| {} ", text(path)) } else { "| ".to_owned() });
        let cells = [&change.figure, &cell(change.old.as_ref()), &cell(change.new.as_ref()), &grown(change)]
            .map(|cell| text(cell));
        format!("{}| {} |\n", first.unwrap_or_default(), cells.join(" | "))
    };
    changes.iter().enumerate().map(row).collect()
}
