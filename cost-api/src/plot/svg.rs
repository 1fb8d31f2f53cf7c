//! Lines as a picture: the same bytes for the same rows, light and dark, readable at the width of a phone.

use std::fmt::Write;

use cost_models::sweep::{Column, Kind};

use super::{Line, Plot};
use crate::draw::axis::Axis;
use crate::draw::label::{SIZE, WIDE};
use crate::draw::style::style;
use crate::draw::text::{cut, escaped, si};

/// How wide the picture is, and where the plot is in it.
const WIDTH: f64 = 560.0;
const LEFT: f64 = 64.0;
const RIGHT: f64 = WIDTH - 20.0;
const TOP: f64 = 62.0;
const BOTTOM: f64 = 360.0;
/// Where the legend begins, and how high its lines are.
const LEGEND: f64 = BOTTOM + 60.0;
const ROW: f64 = 18.0;
/// The most points that are marked, of all lines together.
const MARKED: usize = 400;

/// Colours of lines in turn, for a light ground and a dark one; after them they come again, dashed.
const COLOURS: [(&str, &str); 6] = [
    ("#0b62c4", "#6cb0ff"),
    ("#b8430a", "#ff9a5c"),
    ("#1a7a4c", "#5fd39a"),
    ("#8a3ab9", "#d19bf5"),
    ("#8a6a00", "#e3c044"),
    ("#b3266b", "#ff8fc0"),
];
const DASHES: [&str; 4] = ["", "7 3", "2 3", "9 3 2 3"];

pub(super) fn svg(of: &Plot, lines: &[Line]) -> String {
    let entries = legend(lines);
    let height = LEGEND + entries.iter().map(|entry| entry.1).fold(-ROW, f64::max) + ROW + 4.0;
    let (x_name, y_name) = (of.x.name(), of.y.name());
    let mut svg = format!(
        "<svg class=\"plot\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH:.0} {height:.0}\" role=\"img\" \
         aria-labelledby=\"plot-title plot-desc\">\n<title id=\"plot-title\">{y_name} by {x_name}</title>\n\
         <desc id=\"plot-desc\">{}</desc>\n{}\n<rect width=\"100%\" height=\"100%\" fill=\"var(--ground)\"/>\n",
        escaped(&described(of, lines)),
        style("plot", &[(".p", "fill:none;stroke-width:1.75;stroke-linejoin:round")]) + &colours(lines.len()),
    );
    let _ = writeln!(svg, "<text class=\"h\" x=\"12\" y=\"22\">{y_name} by {x_name}</text>");
    let points = || lines.iter().flat_map(|line| &line.points);
    let x = Axis::around(points().map(|point| point.0), (LEFT, RIGHT));
    let y = Axis::around(points().map(|point| point.1), (BOTTOM, TOP));
    grid(&mut svg, of, x, y);
    let marked = points().count() <= MARKED;
    for (at, line) in lines.iter().enumerate() {
        let _ = write!(svg, "<path class=\"p c{}\"{} d=\"", at % COLOURS.len(), dash(at));
        path(&mut svg, line, x, y);
        let _ = writeln!(svg, "\"><title>{}</title></path>", escaped(&line.name));
        if marked || line.points.len() == 1 {
            for (px, py) in &line.points {
                let said = format!("{x_name} {}, {y_name} {}", value(of.x, *px), value(of.y, *py));
                let _ = writeln!(
                    svg,
                    "<circle class=\"f{}\" cx=\"{:.1}\" cy=\"{:.1}\" r=\"2.5\"><title>{}</title></circle>",
                    at % COLOURS.len(),
                    x.at(*px),
                    y.at(*py),
                    escaped(&said),
                );
            }
        }
    }
    for (at, (left, top, name)) in entries.iter().enumerate() {
        let middle = LEGEND + top - 4.0;
        let _ = writeln!(
            svg,
            "<path class=\"p c{}\"{} d=\"M{left:.1} {middle:.1}h22\"/><text x=\"{:.1}\" y=\"{:.1}\">{}</text>",
            at % COLOURS.len(),
            dash(at),
            left + 28.0,
            LEGEND + top,
            escaped(name),
        );
    }
    svg + "</svg>\n"
}

fn colours(lines: usize) -> String {
    let rule = |at: usize, colour: &str| format!(".plot .c{at}{{stroke:{colour}}}.plot .f{at}{{fill:{colour}}}");
    let used = || COLOURS.iter().take(lines).enumerate();
    let light: String = used().map(|(at, (light, _))| rule(at, light)).collect();
    let dark: String = used().map(|(at, (_, dark))| rule(at, dark)).collect();
    format!("<style>{light}@media(prefers-color-scheme:dark){{{dark}}}</style>")
}

fn dash(at: usize) -> String {
    match DASHES[at / COLOURS.len() % DASHES.len()] {
        "" => String::new(),
        dash => format!(" stroke-dasharray=\"{dash}\""),
    }
}

fn grid(svg: &mut String, of: &Plot, x: Axis, y: Axis) {
    for tick in x.ticks(8) {
        let at = x.at(tick);
        let _ = write!(svg, "<path class=\"g\" d=\"M{at:.1} {TOP}V{BOTTOM}\"/>");
        let _ =
            writeln!(svg, "<text class=\"s n\" x=\"{at:.1}\" y=\"{:.0}\">{}</text>", BOTTOM + 17.0, value(of.x, tick));
    }
    for tick in y.ticks(8) {
        let at = y.at(tick);
        let _ = write!(svg, "<path class=\"g\" d=\"M{LEFT} {at:.1}H{RIGHT}\"/>");
        let _ = writeln!(
            svg,
            "<text class=\"s e\" x=\"{:.0}\" y=\"{:.1}\">{}</text>",
            LEFT - 5.0,
            at + 4.0,
            value(of.y, tick)
        );
    }
    let said = |column: Column, axis: Axis| {
        let how = if axis.is_log() { " (log scale)" } else { "" };
        escaped(&cut(&format!("{}: {}{how}", column.name(), column.doc()), 78))
    };
    let _ = writeln!(svg, "<text class=\"s e\" x=\"{RIGHT}\" y=\"{:.0}\">{}</text>", BOTTOM + 34.0, said(of.x, x));
    let _ = writeln!(svg, "<text class=\"s\" x=\"12\" y=\"{:.0}\">{}</text>", TOP - 19.0, said(of.y, y));
}

/// A line's path; of points that would lie on each other one is there.
fn path(svg: &mut String, line: &Line, x: Axis, y: Axis) {
    let mut last: Option<(f64, f64)> = None;
    for (at, point) in line.points.iter().enumerate() {
        let place = (x.at(point.0), y.at(point.1));
        let near = last.is_some_and(|last| (place.0 - last.0).hypot(place.1 - last.1) < 0.4);
        if near && at + 1 < line.points.len() {
            continue;
        }
        let _ = write!(svg, "{}{:.1} {:.1}", if last.is_some() { "L" } else { "M" }, place.0, place.1);
        last = Some(place);
    }
}

/// Where each line's name is in the legend, from left to right and then below: no two of them overlap.
fn legend(lines: &[Line]) -> Vec<(f64, f64, String)> {
    let (mut left, mut top) = (12.0, 0.0);
    let mut entries = Vec::new();
    for line in lines.iter().filter(|line| !line.name.is_empty()) {
        let name = cut(&line.name, 70);
        let wide = 28.0 + name.chars().count() as f64 * SIZE * WIDE + 14.0;
        if left > 12.0 && left + wide > WIDTH {
            (left, top) = (12.0, top + ROW);
        }
        entries.push((left, top, name));
        left += wide;
    }
    entries
}

/// The picture in words.
fn described(of: &Plot, lines: &[Line]) -> String {
    let each = lines.iter().filter_map(|line| {
        let (first, last) = (line.points.first()?, line.points.last()?);
        let name = if line.name.is_empty() { "The line" } else { &line.name };
        Some(format!(
            "{name}: from {} at {} to {} at {}.",
            value(of.y, first.1),
            value(of.x, first.0),
            value(of.y, last.1),
            value(of.x, last.0)
        ))
    });
    let each: Vec<String> = each.collect();
    format!("{} ({}) by {} ({}). {}", of.y.name(), of.y.doc(), of.x.name(), of.x.doc(), each.join(" "))
}

/// A number with the unit of its column.
fn value(column: Column, number: f64) -> String {
    let name = column.name();
    // Sizes are exact, but for round ones.
    if column.kind() == Kind::Whole && (number < 10_000.0 || number % 1000.0 != 0.0) {
        return number.to_string();
    }
    let unit = match name {
        "tokens_per_s" => "",
        name if name.ends_with("_s") => "s",
        "flops" | "matmul" | "vector" => "FLOP",
        name if ["bytes", "_read", "_written"].iter().any(|end| name.ends_with(end)) => "B",
        _ => "",
    };
    format!("{}{unit}", si(number)).trim_end().to_owned()
}
