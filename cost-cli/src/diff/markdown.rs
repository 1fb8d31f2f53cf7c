//! What changed, for a comment.

use cost_api::response::{Change, ChangeKind, Changed, Changes};

use super::{beyond, cell, grown, title, verdict};

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
    if !of.kernels.is_empty() {
        let count = if of.kernels.len() == 1 { "1 kernel".to_owned() } else { format!("{} kernels", of.kernels.len()) };
        page += &format!("\n<details><summary>{count}</summary>\n\n| kernel | | was | is | |\n|---|---|--:|--:|--:|\n");
        for kernel in &of.kernels {
            let kind = match kernel.kind {
                ChangeKind::Added => " (new)",
                ChangeKind::Removed => " (gone)",
                ChangeKind::Changed => "",
            };
            page += &rows(Some(&format!("{}{kind}", kernel.path)), &kernel.figures);
        }
        page += "\n</details>\n";
    }
    page
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

/// A text that markdown shows as it is.
fn text(text: &str) -> String {
    let mut shown = String::new();
    for c in text.chars() {
        match c {
            '\n' => shown.push(' '),
            '|' | '*' | '_' | '`' | '<' | '>' | '[' | ']' | '\\' | '~' | '#' | '@' => shown.extend(['\\', c]),
            c => shown.push(c),
        }
    }
    shown
}
