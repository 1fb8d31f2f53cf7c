//! `cost mesh`

use cost_api::MeshRequest;
use cost_api::response::Meshes;
use cost_models::mesh::search::Found;

use crate::args::Printed;
use crate::failure::{Result, text};
use crate::load::Disk;
use crate::output;
use crate::table::{bytes, digits, foot, grouped, headings, seconds, table, wrapped};

pub(crate) fn run(args: &Printed<MeshRequest>) -> Result<()> {
    let meshes = cost_api::mesh(&args.request, &Disk).map_err(text)?;
    if args.output.json { output::json(&meshes) } else { output::print(&page(&meshes)) }
}

fn page(meshes: &Meshes) -> String {
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
    wrapped("", "  ", &head) + "\n" + &table(columns, 2, rows) + &foot(&meshes.notes)
}

fn row(it: &Found) -> Vec<String> {
    let mesh: Vec<String> = it.mesh.iter().map(|(axis, ranks)| format!("{axis}={ranks}")).collect();
    let experts = it.shard.iter().find(|(axis, _)| axis == "e").map(|(_, over)| over.join("+"));
    vec![
        if mesh.is_empty() { "one".to_owned() } else { mesh.join(",") },
        experts.unwrap_or_default(),
        grouped(it.devices.into()),
        grouped(it.batch.into()),
        seconds(it.step_s),
        seconds(it.link_s),
        digits(it.tokens_per_s),
        digits(it.tokens_per_s_per_device),
        bytes(it.memory),
    ]
}
