//! `cost models`

use clap::Args;
use cost_api::ModelsRequest;
use cost_models::model_types_page;

use crate::args::ListArgs;
use crate::cell::{Cell, row};
use crate::failure::{Result, text};
use crate::load::Disk;
use crate::output;
use crate::page::table;
use crate::table::headings;

#[derive(Args)]
pub(crate) struct ModelsArgs {
    /// The model types that are known instead, as a markdown page
    #[arg(long, conflicts_with_all = ["strict", "json", "table", "model_type", "min_params", "max_params", "fits"])]
    types: bool,
    #[command(flatten)]
    request: ModelsRequest,
    #[command(flatten)]
    output: ListArgs,
}

pub(crate) fn run(args: &ModelsArgs) -> Result<()> {
    if args.types {
        return output::print(&model_types_page().map_err(text)?);
    }
    let rows = cost_api::models(&args.request, &Disk).map_err(text)?;
    if args.output.json {
        return output::json(&rows);
    }
    if rows.is_empty() {
        return output::print("no built-in model is like that\n");
    }
    let cells = rows.iter().map(|row| {
        row![
            row.name,
            row.model_type.clone(),
            Cell::grouped(row.params),
            if row.active == row.params { Cell::new("all", row.active) } else { Cell::grouped(row.active) },
            row.cache_bytes_per_token.whole().map_or_else(|| Cell::from(""), Cell::grouped),
            row.context.map_or_else(|| Cell::from("?"), Cell::grouped),
        ]
    });
    let columns = headings(&["model", "type", "parameters", "active", "cache", "context"]);
    let page = table(columns, 2, cells)
        + "cache: byte a token at bf16; a path to a config.json or its directory works wherever a name does\n";
    output::page(&page, &args.output)
}
