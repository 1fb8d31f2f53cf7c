//! All kernels as a table that can be sorted and filtered, and their formulas.

use cost_models::report::{self as counted, KernelReport};

use super::math::math;
use crate::draw::text::escaped;
use crate::number::{digits, seconds, si};

/// The most bytes of the table, and of the formulas. Of more kernels those are left out that take least.
const TABLE: usize = 120_000;
const FORMULAS: usize = 100_000;

/// The table, and the formulas.
pub(super) fn of<Of>(report: &counted::Report<Of>) -> (String, String) {
    let mut order: Vec<usize> = (0..report.kernels.len()).collect();
    // What takes most comes first: by time on the first device, or by bytes.
    let weight = |at: &usize| match report.hardware.first() {
        Some(on) => on.kernels[*at].lower_bound_s * report.kernels[*at].repeat as f64,
        None => report.kernels[*at].bytes.to_f64() * report.kernels[*at].repeat as f64,
    };
    order.sort_by(|a, b| weight(b).total_cmp(&weight(a)));
    (table(report, &order), formulas(&report.kernels, &order))
}

fn table<Of>(report: &counted::Report<Of>, order: &[usize]) -> String {
    let mut rows: Vec<(usize, String)> = Vec::new();
    let mut size = 0;
    for at in order {
        let row = row(report, *at);
        size += row.len();
        if size > TABLE {
            break;
        }
        rows.push((*at, row));
    }
    let left = report.kernels.len() - rows.len();
    rows.sort_by_key(|(at, _)| *at);
    let head = |name: &str, text: bool| {
        let class = if text { " class=\"text\"" } else { "" };
        format!("<th scope=\"col\"{class} aria-sort=\"none\"><button type=\"button\">{}</button></th>", escaped(name))
    };
    let mut heads: String =
        [("kernel", true), ("×", false), ("FLOPs", false), ("bytes", false), ("FLOP/byte", false), ("in", true)]
            .iter()
            .map(|(name, text)| head(name, *text))
            .collect();
    for on in &report.hardware {
        heads += &head(&format!("{}: all ×", on.name), false);
        heads += &head(&format!("{}: bound", on.name), true);
    }
    let rows: String = rows.into_iter().map(|(_, row)| row).collect();
    let left = match left {
        0 => String::new(),
        left => format!("<p>{left} more kernels, which take least, are in the report's JSON.</p>\n"),
    };
    format!(
        "<div class=\"filter\" hidden><label for=\"filter\">Filter</label><input id=\"filter\" type=\"search\" autocomplete=\"off\">\
         <span id=\"filtered\" role=\"status\"></span></div>\n\
         <div class=\"wide\" role=\"region\" aria-label=\"Table of kernels\" tabindex=\"0\">\n<table id=\"kernel-table\">\n\
         <thead><tr>{heads}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table>\n</div>\n{left}\
         <p class=\"soft\">Figures are for one repetition; times are for all of them.</p>\n"
    )
}

fn row<Of>(report: &counted::Report<Of>, at: usize) -> String {
    let kernel = &report.kernels[at];
    let number = |exact: &str, shown: &str| format!("<td data-v=\"{exact}\">{shown}</td>");
    let mut row = format!("<tr><th scope=\"row\" class=\"text\">{}</th>", escaped(&kernel.path));
    row += &number(&kernel.repeat.to_string(), &kernel.repeat.to_string());
    row += &number(&kernel.flops.to_string(), &si(kernel.flops as f64));
    row += &number(&kernel.bytes.to_f64().to_string(), &si(kernel.bytes.to_f64()));
    row += &number(&kernel.intensity.to_string(), &digits(kernel.intensity));
    row += &format!("<td class=\"text\">{}</td>", kernel.class.unwrap_or_default());
    for on in &report.hardware {
        let (time, bound) = (on.kernels[at].lower_bound_s * kernel.repeat as f64, on.kernels[at].bound);
        row += &number(&format!("{time:e}"), &seconds(time));
        row += &format!("<td class=\"text {bound}\">{bound}</td>");
    }
    row + "</tr>\n"
}

/// The formulas of kernels, those with the same ones together.
fn formulas(kernels: &[KernelReport], order: &[usize]) -> String {
    let mut groups: Vec<(usize, Vec<&str>)> = Vec::new();
    for at in order {
        let it = &kernels[*at];
        let same = |other: &usize| {
            let other = &kernels[*other];
            (&other.flops_formula, &other.bytes_formula) == (&it.flops_formula, &it.bytes_formula)
        };
        match groups.iter_mut().find(|(other, _)| same(other)) {
            Some((_, paths)) => paths.push(&it.path),
            None => groups.push((*at, vec![&it.path])),
        }
    }
    let mut list = "<p>What a kernel computes and moves in one repetition, in the axes of what it is part of; those that take most \
                    come first.</p>\n"
        .to_owned();
    for (shown, (at, paths)) in groups.iter().enumerate() {
        let it = &kernels[*at];
        let (flops, bytes) = (math(&it.flops_formula), math(&it.bytes_formula));
        let names = paths.iter().map(|path| escaped(path)).collect::<Vec<_>>().join(", ");
        let item = format!(
            "<div class=\"formula\"><h3>{names}</h3>\n<div tabindex=\"0\" role=\"group\" aria-label=\"FLOPs\">FLOPs = {flops}</div>\n\
             <div tabindex=\"0\" role=\"group\" aria-label=\"bytes\">bytes = {bytes}</div></div>\n",
        );
        if list.len() + item.len() > FORMULAS {
            list += &format!(
                "<p>{} more formulas, of kernels that take least, are in the report's JSON.</p>\n",
                groups.len() - shown
            );
            break;
        }
        list += &item;
    }
    list
}
