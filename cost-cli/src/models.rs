//! `cost models`

use cost_core::Options;
use cost_models::report::{Bytes, params};
use cost_models::{Model, Note, Workload, catalogue, model_types_page};
use serde::Serialize;

use crate::args::ModelsArgs;
use crate::failure::{Result, text};
use crate::output;
use crate::table::{grouped, headings, table};

#[derive(Serialize)]
struct Row {
    name: &'static str,
    model_type: String,
    params: u128,
    active: u128,
    cache_bytes_per_token: Bytes,
    context: Option<u64>,
    source: &'static str,
    /// What is to be said beside the numbers.
    notes: Vec<Note>,
}

pub(crate) fn run(args: &ModelsArgs) -> Result<()> {
    if args.types {
        return output::print(&model_types_page().map_err(text)?);
    }
    let rows = catalogue::ENTRIES.iter().map(|entry| {
        let model = entry.model().map_err(text)?;
        cost_api::load::check_strict(args.strict, entry.name, &model).map_err(text)?;
        row(entry, model).map_err(text)
    });
    let rows = rows.collect::<Result<Vec<_>>>()?;
    if args.output.json {
        return output::json(&rows);
    }
    let cells = rows.iter().map(|row| {
        vec![
            row.name.to_owned(),
            row.model_type.clone(),
            grouped(row.params),
            if row.active == row.params { "all".to_owned() } else { grouped(row.active) },
            row.cache_bytes_per_token.whole().map_or_else(String::new, grouped),
            row.context.map_or_else(|| "?".to_owned(), |context| grouped(context.into())),
        ]
    });
    let columns = headings(&["model", "type", "parameters", "active", "cache", "context"]);
    output::print(
        &(table(columns, 2, cells)
            + "cache: byte a token at bf16; a path to a config.json or its directory works wherever a name does\n"),
    )
}

fn row(entry: &catalogue::Entry, model: Model) -> cost_core::Result<Row> {
    let (step, options) = (Workload::decode(1, 0), Options::default());
    let params = params(&model, &step, &options)?;
    Ok(Row {
        name: entry.name,
        params: params.total,
        active: params.active,
        cache_bytes_per_token: Bytes::of_bits(model.cache_bits(&step, &options)?),
        context: model.context,
        model_type: model.model_type,
        source: entry.source,
        notes: model.notes,
    })
}
