//! A report as a page of its own: HTML that needs nothing else, the same bytes for the same report.

mod answer;
mod bars;
mod kernels;
mod math;

use cost_core::hardware::Hardware;
use cost_models::Note;
use cost_models::report::{self as counted, OnMesh};

use crate::draw::text::escaped;
use crate::error::{Error, Result};
use crate::number::{bytes, grouped, si};
use crate::response::{Report, Reported};
use crate::roofline::{self, DEVICES};

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// The most bytes of notes, and of exchanges: what is beyond is counted.
const NOTES: usize = 30_000;
const EXCHANGES: usize = 40_000;

/// A report as a page of HTML, of at most 400 kB, that needs no network: the answer in a sentence, what is in memory, the time
/// by kernel, the roofline, and all kernels with their formulas. The same bytes for the same report.
///
/// An error if there are more than 8 devices.
///
/// ```
/// use cost_api::{NoFiles, ReportRequest, report, report_page};
///
/// let request = ReportRequest { on: vec!["h100".to_owned()], ..ReportRequest::of("llama-2-7b".into()) };
/// let page = report_page(&report(&request, &NoFiles)?)?;
/// assert!(page.starts_with("<!doctype html>") && page.len() < 400_000);
/// # Ok::<(), cost_api::Error>(())
/// ```
pub fn report_page(report: &Report) -> Result<String> {
    let of = |devices: &[Hardware]| match devices.len() {
        0 => Ok(None),
        1..=DEVICES => roofline::of_report(report).map(Some),
        count => Err(Error::found("on", format_args!("{count} devices"), format_args!("at most {DEVICES} on a page"))),
    };
    Ok(match report {
        Report::Step(it) => {
            let under = of(&it.devices)?;
            let step = &it.of;
            let mut asked = vec![
                ("phase", step.phase.to_owned()),
                ("sequences", grouped(step.batch.into())),
                ("new tokens", grouped(step.tokens.into())),
                ("cached tokens", grouped(step.past.into())),
            ];
            asked.extend(step.tower_tokens.map(|tokens| ("tokens of images and sounds", grouped(tokens))));
            page(it, &step.model, &roofline::title(report), asked, under.as_ref())
        }
        Report::Operator(it) => {
            let under = of(&it.devices)?;
            let asked = it.of.at.iter().map(|(axis, size)| (axis.as_str(), grouped((*size).into()))).collect();
            page(it, &it.of.operator, &roofline::title(report), asked, under.as_ref())
        }
    })
}

fn page<Of>(
    it: &Reported<Of>,
    name: &str,
    title: &str,
    asked: Vec<(&str, String)>,
    under: Option<&crate::response::Roofline>,
) -> String {
    let report = &it.report;
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; \
         script-src 'unsafe-inline'; img-src data:\">\n<link rel=\"icon\" href=\"data:,\">\n\
         <title>Cost of {title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>Cost of {title}</h1>\n\
         <p class=\"answer\">{}</p>\n",
        escaped(&answer::sentence(it, name)),
        title = escaped(title),
    );
    page += &section("asked", "What was asked", &questions(it, asked));
    page += &section("memory", "Memory", &bars::memory(report));
    if !it.devices.is_empty() {
        page += &section("time", "Time by kernel", &bars::time(it));
    }
    if let Some(under) = under {
        page += &section("roofline", "Roofline", &format!("<figure>\n{}</figure>\n", roofline::svg(under)));
    }
    let (table, formulas) = kernels::of(report);
    page += &section("kernels", "Kernels", &table);
    if let Some(on) = &report.on_mesh {
        page += &section("exchanges", "Exchanges", &exchanges(on));
    }
    page += &section("formulas", "Formulas", &formulas);
    if !report.notes.is_empty() {
        page += &section("notes", "Notes", &notes(&report.notes));
    }
    page + "</main>\n<script>\n" + SCRIPT + "</script>\n</body>\n</html>\n"
}

fn section(id: &str, heading: &str, contents: &str) -> String {
    format!("<section aria-labelledby=\"{id}\">\n<h2 id=\"{id}\">{heading}</h2>\n{contents}</section>\n")
}

/// What was asked, and what else the answer depends on.
fn questions<Of>(it: &Reported<Of>, mut asked: Vec<(&str, String)>) -> String {
    let formats = &it.formats;
    asked.push(("weights", formats.weights.clone()));
    asked.push(("activations", formats.acts.clone()));
    asked.push(("cache", formats.cache.clone()));
    if let Some(on) = &it.on_mesh {
        let axes: Vec<String> = on.mesh.iter().map(|(axis, ranks)| format!("{axis} = {ranks}")).collect();
        let cut: Vec<String> = on.shard.iter().map(|(axis, by)| format!("{axis} over {}", by.join(" and "))).collect();
        asked.push(("mesh", format!("{}; cut: {}; figures of the busiest device", axes.join(", "), cut.join(", "))));
    }
    let devices: Vec<String> = it.devices.iter().map(|device| format!("{} ({})", device.name, device.id)).collect();
    if !devices.is_empty() {
        asked.push(("on", devices.join(", ")));
    }
    let mut list = "<dl>\n".to_owned();
    for (name, value) in &asked {
        list += &format!("<dt>{}</dt><dd>{}</dd>\n", escaped(name), escaped(value));
    }
    list + "</dl>\n" + &totals(&it.report)
}

fn totals<Of>(report: &counted::Report<Of>) -> String {
    let parameters = if report.params.active == report.params.total {
        grouped(report.params.total)
    } else {
        format!("{}, of which a token uses {}", grouped(report.params.total), grouped(report.params.active))
    };
    format!(
        "<p>{parameters} parameters; {} bytes of cache for a token.</p>\n",
        report.cache.bytes_per_token.whole().map_or_else(|| report.cache.bytes_per_token.to_f64().to_string(), grouped),
    )
}

fn exchanges(on: &OnMesh) -> String {
    if on.collectives.is_empty() {
        return "<p>Nothing is exchanged.</p>\n".to_owned();
    }
    let mut table =
        "<div class=\"wide\" role=\"region\" aria-label=\"Table of exchanges\" tabindex=\"0\">\n<table>\n<thead><tr>"
            .to_owned();
    for (heading, text) in [
        ("exchange", true),
        ("kind", true),
        ("over", true),
        ("ranks", false),
        ("×", false),
        ("bytes", false),
        ("over a link", false),
        ("why", true),
    ] {
        let class = if text { " class=\"text\"" } else { "" };
        table += &format!("<th scope=\"col\"{class}>{heading}</th>");
    }
    table += "</tr></thead>\n<tbody>\n";
    let mut shown = 0;
    for it in &on.collectives {
        let row = format!(
            "<tr><th scope=\"row\" class=\"text\">{}</th><td class=\"text\">{}</td><td class=\"text\">{}</td><td>{}</td><td>{}</td>\
             <td>{}</td><td>{}</td><td class=\"words\">{}</td></tr>\n",
            escaped(&it.path),
            it.kind.replace('_', "-"),
            escaped(&it.mesh_axis),
            it.ranks,
            it.repeat,
            bytes(it.bytes),
            si(it.link_bytes),
            escaped(&it.reason),
        );
        if table.len() + row.len() > EXCHANGES {
            break;
        }
        shown += 1;
        table += &row;
    }
    table += "</tbody>\n</table>\n</div>\n";
    let more = on.collectives.len() - shown;
    if more == 0 { table } else { format!("{table}<p>{more} more exchanges are in the report's JSON.</p>\n") }
}

fn notes(notes: &[Note]) -> String {
    let mut list = "<ul>\n".to_owned();
    for (at, note) in notes.iter().enumerate() {
        let item = format!("<li class=\"{0}\"><strong>{0}:</strong> {1}</li>\n", note.level, escaped(&note.text));
        if list.len() + item.len() > NOTES {
            list += &format!("<li>{} more are in the report's JSON.</li>\n", notes.len() - at);
            break;
        }
        list += &item;
    }
    list + "</ul>\n"
}
