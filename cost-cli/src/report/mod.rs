//! `cost report`

mod mesh;

use std::fmt::Write;
use std::path::PathBuf;

use clap::Args;
use cost_api::ReportRequest;
use cost_api::response::{Report, Reported};
use cost_core::hardware::Hardware;
use cost_models::report::{self as counted, AtSizes, Bytes, CalibratedTime, HardwareReport, Memory, Step};

use crate::args::ListArgs;
use crate::cell::{Cell, row};
use crate::failure::{Result, text};
use crate::load::Disk;
use crate::output;
use crate::page::{Page, table, with_last};
use crate::table::{bytes, digits, foot, grouped, headings, seconds, si, wrapped};

#[derive(Args)]
pub(crate) struct ReportArgs {
    #[command(flatten)]
    request: ReportRequest,
    /// A page in that file: what takes the time and the memory as pictures, all kernels and their formulas
    #[arg(long, value_name = "FILE", help_heading = None::<&str>)]
    html: Option<PathBuf>,
    #[command(flatten)]
    output: ListArgs,
}

pub(crate) fn run(args: &ReportArgs) -> Result<()> {
    let report = cost_api::report(&args.request, &Disk).map_err(text)?;
    if let Some(path) = &args.html {
        output::file("html", path, &cost_api::report_page(&report).map_err(text)?)?;
    }
    if args.output.json {
        return output::json(&report);
    }
    if let Some(path) = &args.html {
        return output::print(&format!("{}\n", path.display()));
    }
    let set = &args.request.counting.rules.set.set;
    let page = match &report {
        Report::Step(it) => page(it, &of_step(&it.of), set),
        Report::Operator(it) => page(it, &at_sizes(&it.of), set),
    };
    output::page(&page, &args.output)
}

/// Texts one after the other; those that repeat the one before once, with how many there are.
fn shown(texts: &[String]) -> String {
    let runs = texts.chunk_by(|a, b| a == b);
    let runs = runs.map(|run| if run.len() == 1 { run[0].clone() } else { format!("{} × {}", run.len(), run[0]) });
    runs.collect::<Vec<_>>().join(", ")
}

fn at_sizes(of: &AtSizes) -> String {
    let at: Vec<String> = of.at.iter().map(|(axis, size)| format!("{axis} = {size}")).collect();
    wrapped(&format!("{} at ", of.operator), "  ", &at.join(", "))
}

fn of_step(step: &Step) -> String {
    let images = step
        .tower_tokens
        .map_or_else(String::new, |tokens| format!("{tokens} tokens of each prompt are of images or sounds\n"));
    format!(
        "{}: {} of {} token{} for {} sequence{} over {} cached\n",
        step.model,
        step.phase,
        step.tokens,
        plural(step.tokens),
        step.batch,
        plural(step.batch),
        step.past,
    ) + &images
}

fn page<Of>(reported: &Reported<Of>, heading: &str, set: &[String]) -> Page {
    let Reported { report, devices } = reported;
    let set = if set.is_empty() { String::new() } else { format!("\nbut {}", set.join(", ")) };
    let formats = &report.formats;
    let mut page = Page::from(format!(
        "{heading}weights {}, activations {}, cache {}{}\n\n",
        formats.weights, formats.acts, formats.cache, set,
    ));
    page += listed(report);
    if let Some(on) = &report.on_mesh {
        page += mesh::page(on);
    }
    page += &totals(report);
    if !report.tensors.is_empty() {
        page += tensors(report);
    }
    for (i, (device, on)) in devices.iter().zip(&report.hardware).enumerate() {
        page += &if devices.len() > 3 {
            format!("\n{}: {}", i + 1, verdict(device, on))
        } else {
            format!("\n{}", verdict(device, on))
        };
    }
    page + foot(&report.notes).as_str()
}

fn listed<Of>(report: &counted::Report<Of>) -> Page {
    let mut columns = headings(&["kernel", "×", "FLOPs", "bytes", "FLOP/byte", "in"]);
    // With many devices a number and a letter must do.
    let many = report.hardware.len() > 3;
    let named = |(i, on): (usize, &HardwareReport)| if many { (i + 1).to_string() } else { format!("on {}", on.name) };
    columns.extend(report.hardware.iter().enumerate().map(named));
    // Of one device there may be room for what takes its time.
    let only = if let [on] = report.hardware.as_slice() { Some(on) } else { None };
    let time = |on: &HardwareReport, at: usize| on.kernels[at].lower_bound_s * report.kernels[at].repeat as f64;
    let all = only.map_or(0.0, |on| (0..on.kernels.len()).map(|at| time(on, at)).sum());
    columns.extend(only.map(|_| "of the time".to_owned()));
    let shown = |bound: &str| if many { bound[..1].to_uppercase() } else { bound.to_owned() };
    let rows = report.kernels.iter().enumerate().map(|(i, kernel)| {
        let mut row = row![
            kernel.path.clone(),
            kernel.repeat.to_string(),
            Cell::new(si(kernel.flops as f64), kernel.flops),
            Cell::si_bytes(kernel.bytes),
            Cell::digits(kernel.intensity),
            kernel.class.unwrap_or_default(),
        ];
        row.extend(report.hardware.iter().map(|on| Cell::bound(on.kernels[i].bound, shown(on.kernels[i].bound))));
        row.extend(only.map(|on| Cell::bar(if all > 0.0 { time(on, i) / all } else { 0.0 })));
        row
    });
    if only.is_some() { with_last(columns, 1, rows) } else { table(columns, 1, rows) }
}

fn tensors<Of>(report: &counted::Report<Of>) -> Page {
    let rows = report.tensors.iter().map(|tensor| {
        row![
            tensor.kernel.clone(),
            tensor.name.clone(),
            tensor.role,
            tensor.format.clone(),
            tensor.repeat.to_string(),
            Cell::si_bytes(tensor.bytes),
            Cell::si(tensor.bytes.to_f64() * tensor.repeat as f64),
        ]
    });
    let columns = headings(&["kernel", "tensor read", "", "as", "×", "bytes", "in all"]);
    Page::from("\n".to_owned()) + table(columns, 4, rows)
}

fn totals<Of>(report: &counted::Report<Of>) -> String {
    let (flops, bytes, params) = (&report.flops, &report.bytes, &report.params);
    let mut text = String::from("\n");
    let mut line = |what: &str, value: String| {
        let _ = writeln!(text, "{what:<12}{value}");
    };
    let percent = |part: u128| if flops.total == 0 { 0.0 } else { part as f64 * 100.0 / flops.total as f64 };
    line("FLOPs", format!("{}, {:.1} % of them in matrix products", grouped(flops.total), percent(flops.matmul)));
    line(
        "bytes",
        format!(
            "{}: weights {}, activations {}, cache {}",
            whole(bytes.total),
            si(bytes.weights.to_f64()),
            si(bytes.acts_read.to_f64() + bytes.acts_written.to_f64()),
            si(bytes.cache_read.to_f64() + bytes.cache_written.to_f64()),
        ),
    );
    line("intensity", format!("{} FLOP/byte", digits(report.intensity)));
    let active =
        if params.active == params.total { String::new() } else { format!(", {} active", grouped(params.active)) };
    line("parameters", format!("{}{active}", grouped(params.total)));
    let groups = [
        ("embedding", params.embedding),
        ("attention", params.attention),
        ("ffn", params.ffn),
        ("norm", params.norm),
        ("lm_head", params.lm_head),
        ("other", params.other),
        ("apart: further-token modules", params.mtp),
        ("apart: buffers", params.buffers),
    ];
    let groups = groups.iter().filter(|(_, count)| *count > 0);
    let groups: Vec<String> = groups.map(|(name, count)| format!("{name} {}", grouped(*count))).collect();
    for some in groups.chunks(4) {
        line("", some.join(", "));
    }
    let cache = &report.cache;
    line("cache", format!("{} bytes a token, {} bytes in all", whole(cache.bytes_per_token), whole(cache.bytes_total)));
    if !cache.state_bytes.is_zero() {
        line("", format!("{} bytes of them states, which do not grow", whole(cache.state_bytes)));
    }
    text + &memory(report)
}

/// What is in memory, and which devices have as much.
fn memory<Of>(report: &counted::Report<Of>) -> String {
    let Memory { weights, cache, activations, total, host } = report.memory;
    let [weights, cache, activations, total] = [weights, cache, activations, total].map(bytes);
    let mut text = format!("{weights} of weights + {cache} of cache + {activations} of activations = {total}");
    for (i, on) in report.hardware.iter().enumerate() {
        let verdict = match on.fits {
            Some(true) => "fits",
            Some(false) => "does not fit",
            None => "memory not known:",
        };
        let size = on.memory.map_or_else(String::new, |memory| format!(" ({})", bytes(memory)));
        text += &format!("{} {verdict} {}{size}", if i == 0 { ";" } else { "," }, on.name);
    }
    if !host.is_zero() {
        text += &format!("; {} of weights in the host's memory", bytes(host));
    }
    wrapped("memory      ", "            ", &text)
}

fn verdict(device: &Hardware, on: &HardwareReport) -> String {
    let mut more = String::new();
    let mut link = on.link_s.map_or_else(String::new, |link| format!(", {} of it exchanges", seconds(link)));
    if let Some(bubble) = on.bubble_s {
        let stages: Vec<String> = on.stages_s.iter().map(|it| seconds(*it)).collect();
        link += &format!(", {} of it waiting for other stages", seconds(bubble));
        let each = format!("each part of the sequences takes the stages {} at least", shown(&stages));
        more = wrapped("  ", "  ", &each);
    }
    let said = format!(
        "at least {}{link}, {} bound (ridge {} FLOP/byte)",
        seconds(on.lower_bound_s),
        on.bound,
        digits(on.ridge)
    );
    let times = on.calibrated.as_ref().map_or_else(String::new, calibrated);
    wrapped(&format!("on {}: ", device.name), "  ", &said) + &more + &times
}

/// What it takes by constants that were measured, and how far to trust that.
fn calibrated(it: &CalibratedTime) -> String {
    let Some(of) = &it.constants_of else { return "  calibrated: no constants of this device\n".to_owned() };
    let percent = |share: f64| format!("{:.0} %", share * 100.0);
    let link = it.link_s.map_or_else(String::new, |link| format!(", {} of it exchanges", seconds(link)));
    let beyond = if it.extrapolated > 0.005 {
        format!(", {} beyond the shapes that were measured", percent(it.extrapolated))
    } else {
        String::new()
    };
    let text = format!(
        "{}{link}; 80 % from {} to {}; constants of {of} ({}) for {} of it{beyond}",
        seconds(it.calibrated_s),
        seconds(it.low_s),
        seconds(it.high_s),
        it.engine,
        percent(it.known),
    );
    wrapped("  calibrated: ", "    ", &text)
}

fn whole(bytes: Bytes) -> String {
    match (bytes.whole(), bytes.to_f64().to_string().split_once('.')) {
        (Some(whole), _) => grouped(whole),
        // The digits before the point are a number.
        (None, Some((whole, part))) => whole.parse().map_or_else(|_| whole.to_owned(), grouped) + "." + part,
        (None, None) => bytes.to_f64().to_string(),
    }
}

fn plural(n: u64) -> &'static str {
    if n == 1 { "" } else { "s" }
}
