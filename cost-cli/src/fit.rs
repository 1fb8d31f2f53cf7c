//! `cost fit`

use cost_api::FitRequest;
use cost_api::response::{DeviceFit, Fits};
use cost_models::fit::{LARGEST, Limit};
use cost_models::report::{Bytes, FormatNames};

use crate::args::Printed;
use crate::cell::{Cell, row};
use crate::failure::{Result, text};
use crate::load::Disk;
use crate::output;
use crate::page::{Page, table};
use crate::table::{bytes, foot, grouped, headings, wrapped};

pub(crate) fn run(args: &Printed<FitRequest>) -> Result<()> {
    let fit = cost_api::fit(&args.request, &Disk).map_err(text)?;
    if args.output.json { output::json(&fit) } else { output::page(&page(&fit, args.request.headroom()), &args.output) }
}

fn page(answer: &Fits, headroom: &str) -> Page {
    let FormatNames { weights, acts, cache } = &answer.formats;
    let many = answer.devices.len() > 1;
    let on = if let [device] = answer.devices.as_slice() { format!(" on {}", device.name) } else { String::new() };
    let mut page = Page::from(wrapped(
        "",
        "  ",
        &format!(
            "{}{on}: what fits while each sequence decodes a token, {headroom} of the memory kept free",
            answer.model
        ),
    ));
    page += &format!("weights {weights}, activations {acts}, cache {cache}\n");
    if let Some(context) = answer.context {
        page += &format!("made for {} tokens\n", grouped(context.into()));
    }
    page += "\n";
    let mut columns = headings(&["sequences", "tokens", "weights", "cache", "activations", "left", "limit"]);
    if many {
        columns.insert(0, "on".to_owned());
    }
    let rows = answer.fits.iter().map(|it| row(it, many));
    page += table(columns, usize::from(many), rows);
    page + too_large(answer).as_str() + foot(&answer.notes).as_str()
}

fn row(DeviceFit { name, fit, .. }: &DeviceFit, many: bool) -> Vec<Cell> {
    let count = |n: u64| match fit.limit {
        Limit::None if n == LARGEST => Cell::from("any"),
        Limit::Search if n == LARGEST => Cell::from(format!("> {}", grouped(n.into()))),
        _ => Cell::grouped(n),
    };
    let limit = match fit.limit {
        Limit::Memory => "memory",
        Limit::Model => "the model",
        Limit::Search => "not looked for",
        Limit::None => "none",
    };
    let memory = &fit.memory;
    let name = many.then(|| Cell::from(name.clone()));
    let cells = row![
        count(fit.batch),
        count(fit.context),
        Cell::bytes(memory.weights),
        Cell::bytes(memory.cache),
        Cell::bytes(memory.activations),
        fit.left.map_or_else(|| Cell::from("none"), Cell::bytes),
        limit,
    ];
    name.into_iter().chain(cells).collect()
}

/// Why nothing fits a device, each reason once.
fn too_large(answer: &Fits) -> String {
    let mut lines: Vec<String> = Vec::new();
    for DeviceFit { name, bytes: memory, fit } in answer.fits.iter().filter(|it| it.fit.short.is_some()) {
        let room = memory.map_or(0, Bytes::bits).saturating_sub(fit.headroom.bits());
        let (batch, context) = (fit.batch.max(1), fit.context.max(1));
        let plural = |n: u64| if n == 1 { "" } else { "s" };
        let (what, needed) = if fit.memory.weights.bits() > room {
            ("the weights alone take".to_owned(), fit.memory.weights)
        } else {
            let (sequences, tokens) = (plural(batch), plural(context));
            (format!("{batch} sequence{sequences} of {context} token{tokens} would take"), fit.memory.total)
        };
        let short = Bytes::of_bits(needed.bits().saturating_sub(room));
        let text = format!("{what} {}, {} more than there is", bytes(needed), bytes(short));
        let line = wrapped(&format!("{name}: "), "  ", &text);
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    if lines.is_empty() { String::new() } else { format!("\n{}", lines.concat()) }
}
