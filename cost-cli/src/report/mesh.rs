//! What the devices of a mesh exchange.

use cost_models::report::{CollectiveReport, OnMesh};

use crate::cell::{Cell, row};
use crate::page::{Page, table};
use crate::table::{headings, wrapped};

/// The mesh, what it cuts, and a table of exchanges with their reasons.
pub(super) fn page(on: &OnMesh) -> Page {
    let axes: Vec<String> = on.mesh.iter().map(|(axis, ranks)| format!("{axis} = {ranks}")).collect();
    let cut: Vec<String> = on.shard.iter().map(|(axis, over)| format!("{axis} over {}", over.join(" and "))).collect();
    let count = on.devices;
    let mut page = Page::from(wrapped(
        &format!("\none of {count} device{}, ", if count == 1 { "" } else { "s" }),
        "  ",
        &format!("the busiest: mesh {}; cut {}", axes.join(", "), cut.join(", ")),
    ));
    if let Some(it) = &on.pipeline {
        let parts = if it.microbatches == 1 { "as one".to_owned() } else { format!("in {} parts", it.microbatches) };
        let said = format!(
            "{}, the slowest, with {} layers; sequences go through {parts}; memory is that of stage {}",
            it.stage, it.layers, it.fullest
        );
        page += &wrapped(&format!("one of {} stages, number ", it.stages), "  ", &said);
    }
    if on.collectives.is_empty() {
        return page + "nothing is exchanged\n";
    }
    let columns = headings(&["exchange", "", "over", "ranks", "×", "bytes", "over a link"]);
    let row = |it: &CollectiveReport| {
        row![
            it.path.clone(),
            it.kind.replace('_', "-"),
            it.mesh_axis.clone(),
            it.ranks.to_string(),
            it.repeat.to_string(),
            Cell::bytes(it.bytes),
            Cell::si(it.link_bytes),
        ]
    };
    page += "\n";
    page += table(columns, 3, on.collectives.iter().map(row));
    for it in &on.collectives {
        page += &wrapped(&format!("  {}: ", it.path), "    ", &it.reason);
    }
    page
}
