//! `cost mesh`

use cost_api::MeshRequest;
use cost_api::response::Meshes;
use cost_models::mesh::search::Found;

use crate::args::Printed;
use crate::cell::{Cell, row};
use crate::failure::{Result, text};
use crate::load::Disk;
use crate::output;
use crate::page::{Page, table};
use crate::table::{foot, headings, wrapped};

pub(crate) fn run(args: &Printed<MeshRequest>) -> Result<()> {
    let meshes = cost_api::mesh(&args.request, &Disk).map_err(text)?;
    if args.output.json { output::json(&meshes) } else { output::page(&page(&meshes), &args.output) }
}

fn page(meshes: &Meshes) -> Page {
    let Meshes { model, device, past, tokens, .. } = meshes;
    let head = format!(
        "{model} on {device}: steps of {tokens} new token{} for each sequence over {past} cached, at least; meshes that no other is better than",
        if *tokens == 1 { "" } else { "s" }
    );
    let columns = headings(&[
        "mesh",
        "experts over",
        "devices",
        "sequences",
        "step",
        "exchanges",
        "tokens/s",
        "a device",
        "memory",
    ]);
    let rows = meshes.found.iter().map(row);
    Page::from(wrapped("", "  ", &head) + "\n") + table(columns, 2, rows) + foot(&meshes.notes).as_str()
}

fn row(it: &Found) -> Vec<Cell> {
    let mesh: Vec<String> = it.mesh.iter().map(|(axis, ranks)| format!("{axis}={ranks}")).collect();
    let experts = it.shard.iter().find(|(axis, _)| axis == "e").map(|(_, over)| over.join("+"));
    row![
        if mesh.is_empty() { "one".to_owned() } else { mesh.join(",") },
        experts.unwrap_or_default(),
        Cell::grouped(it.devices),
        Cell::grouped(it.batch),
        Cell::seconds(it.step_s),
        Cell::seconds(it.link_s),
        Cell::digits(it.tokens_per_s),
        Cell::digits(it.tokens_per_s_per_device),
        Cell::bytes(it.memory),
    ]
}
