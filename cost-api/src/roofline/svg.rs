//! A roofline as a picture: the same bytes for the same numbers, light and dark, readable at the width of a phone.

use std::fmt::Write;

use cost_core::text::printable;

use super::label::{Area, SIZE, Taken, WIDE};
use super::scale::Scale;
use crate::response::{DeviceRoofs, Roofline, UnderRoof};

/// How wide the picture is, how high a device's panel, and how high what is above the first.
const WIDTH: f64 = 520.0;
const PANEL: f64 = 350.0;
const HEAD: f64 = 34.0;
/// The plot within its panel.
const LEFT: f64 = 56.0;
const RIGHT: f64 = WIDTH - 18.0;
const TOP: f64 = 40.0;
const BOTTOM: f64 = PANEL - 52.0;
/// The most kernels that are drawn, of all devices together: those with the largest shares.
const DOTS: usize = 240;
/// The most that have a name beside them, on each device.
const NAMED: usize = 9;
/// The radius of a kernel that takes all the time; areas are as shares.
const RADIUS: f64 = 24.0;

const STYLE: &str = "svg{--ground:#fff;--ink:#1c2128;--soft:#59636e;--line:#e1e5ea;--roof:#59636e;--memory:#0b62c4;--compute:#b8430a;\
background:var(--ground);font:11px system-ui,-apple-system,'Segoe UI',Roboto,sans-serif}\
@media(prefers-color-scheme:dark){svg{--ground:#11151a;--ink:#e8ebef;--soft:#a3adb8;--line:#2b323a;--roof:#a3adb8;--memory:#6cb0ff;\
--compute:#ff9a5c}}\
text{fill:var(--ink)}.s{fill:var(--soft)}.h{font-size:13px;font-weight:600}.g{stroke:var(--line)}\
.r{stroke:var(--roof);fill:none;stroke-width:1.5}.u{stroke-width:1;stroke-dasharray:4 3}.k{fill:var(--roof)}.d{stroke:var(--soft);stroke-width:.75}\
.m,.c{fill-opacity:.45;stroke-width:1}.m{fill:var(--memory);stroke:var(--memory)}.c{fill:var(--compute);stroke:var(--compute)}\
.e{text-anchor:end}.n{text-anchor:middle}";

/// The picture of a roofline: a panel for each device.
pub fn svg(of: &Roofline) -> String {
    let height = HEAD + PANEL * of.devices.len() as f64;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH:.0} {height:.0}\" role=\"img\" \
         aria-labelledby=\"title desc\">\n<title id=\"title\">Roofline of {}</title>\n<desc id=\"desc\">{}</desc>\n\
         <style>{STYLE}</style>\n<rect width=\"100%\" height=\"100%\" fill=\"var(--ground)\"/>\n",
        escaped(&of.of),
        escaped(&described(of)),
    );
    let _ = writeln!(svg, "<text class=\"h\" x=\"12\" y=\"22\">{}</text>", escaped(&cut(&of.of, 70)));
    let drawn = DOTS / of.devices.len().max(1);
    let numbers = |pick: fn(&UnderRoof) -> f64| of.devices.iter().flat_map(move |on| on.kernels.iter().map(pick));
    // All panels have one axis each way, so that devices can be compared.
    let ridges = of.devices.iter().flat_map(|on| on.roofs.iter().map(|roof| roof.ridge * 3.0));
    let x = Scale::around(numbers(|kernel| kernel.intensity).chain(ridges), (LEFT, RIGHT));
    let peaks = of.devices.iter().flat_map(|on| on.roofs.iter().map(|roof| roof.peak * 1.2));
    let y = Scale::around(numbers(|kernel| kernel.flop_s).chain(peaks), (BOTTOM, TOP));
    for (at, on) in of.devices.iter().enumerate() {
        let _ = writeln!(svg, "<g transform=\"translate(0 {:.0})\">", HEAD + PANEL * at as f64);
        panel(&mut svg, on, x, y, drawn);
        svg += "</g>\n";
    }
    svg + "</svg>\n"
}

fn panel(svg: &mut String, on: &DeviceRoofs, x: Scale, y: Scale, drawn: usize) {
    let seconds = format!("at least {}s, {} bound", si(on.lower_bound_s), on.bound);
    let _ = writeln!(svg, "<text x=\"12\" y=\"16\">{}<tspan class=\"s\"> {seconds}</tspan></text>", escaped(&on.title));
    grid(svg, x, y);
    let inside = Area { left: LEFT + 2.0, top: TOP + 2.0, right: RIGHT - 2.0, bottom: BOTTOM - 2.0 };
    let mut taken = Taken::nothing(inside);
    roofs(svg, on, x, y, &mut taken);
    dots(svg, on, x, y, drawn, &mut taken);
    let hidden: f64 = on.kernels.iter().filter(|kernel| !shown(kernel)).map(|kernel| kernel.share).sum();
    let note =
        if hidden < 0.0005 { String::new() } else { format!(" · without FLOPs, not shown: {}", percent(hidden)) };
    let _ = writeln!(
        svg,
        "<text class=\"s\" x=\"{LEFT}\" y=\"{:.0}\">area: share of time · <tspan style=\"fill:var(--memory)\">memory bound</tspan>\
         , <tspan style=\"fill:var(--compute)\">compute bound</tspan>{note}</text>",
        BOTTOM + 44.0,
    );
}

fn grid(svg: &mut String, x: Scale, y: Scale) {
    for tick in x.ticks(8) {
        let at = x.at(tick);
        let _ = write!(svg, "<path class=\"g\" d=\"M{at:.1} {TOP}V{BOTTOM}\"/>");
        let _ = writeln!(svg, "<text class=\"s n\" x=\"{at:.1}\" y=\"{:.0}\">{}</text>", BOTTOM + 17.0, si(tick));
    }
    for tick in y.ticks(6) {
        let at = y.at(tick);
        let _ = write!(svg, "<path class=\"g\" d=\"M{LEFT} {at:.1}H{RIGHT}\"/>");
        let _ = writeln!(svg, "<text class=\"s e\" x=\"{:.0}\" y=\"{:.1}\">{}</text>", LEFT - 5.0, at + 4.0, si(tick));
    }
    let _ = writeln!(svg, "<text class=\"s e\" x=\"{RIGHT}\" y=\"{:.0}\">FLOP per byte</text>", BOTTOM + 31.0);
    let _ = writeln!(svg, "<text class=\"s\" x=\"{LEFT}\" y=\"{:.0}\">FLOP/s</text>", TOP - 6.0);
}

fn roofs(svg: &mut String, on: &DeviceRoofs, x: Scale, y: Scale, taken: &mut Taken) {
    let (low, high) = (x.range(), y.range());
    // The slant begins where it comes into the plot, and ends under the highest roof.
    let begin = low.0.max(high.0 / on.bandwidth);
    let end = on.roofs.first().map_or(low.1, |roof| roof.ridge);
    let _ = writeln!(
        svg,
        "<path class=\"r\" d=\"M{:.1} {:.1}L{:.1} {:.1}\"/>",
        x.at(begin),
        y.at(begin * on.bandwidth),
        x.at(end),
        y.at(end * on.bandwidth),
    );
    let (from, to) = (x.at(begin), x.at(end));
    let rise = (y.at(end * on.bandwidth) - y.at(begin * on.bandwidth)) / (to - from);
    // No label crosses it.
    let mut at = from;
    while at < to {
        taken.take(Area::around(at, y.at(begin * on.bandwidth) + (at - from) * rise, 2.5));
        at += 5.0;
    }
    for roof in &on.roofs {
        let (from, at) = (x.at(roof.ridge), y.at(roof.peak));
        let class = if roof.used { "r" } else { "r u" };
        let _ = writeln!(svg, "<path class=\"{class}\" d=\"M{from:.1} {at:.1}H{RIGHT}\"/>");
        taken.take(Area { left: from, top: at - 1.0, right: RIGHT, bottom: at + 1.0 });
    }
    for roof in &on.roofs {
        let (from, at) = (x.at(roof.ridge), y.at(roof.peak));
        let text = format!("{} {}", roof.classes.join(", "), si(roof.peak).trim_end());
        if let Some((left, base)) = taken.label(&text, (RIGHT - 4.0, at), 1.0) {
            let _ = writeln!(svg, "<text class=\"s\" x=\"{left:.1}\" y=\"{base:.1}\">{}</text>", escaped(&text));
        }
        if roof.used {
            let _ = writeln!(svg, "<path class=\"k\" d=\"M{from:.1} {:.1}l4 4l-4 4l-4 -4z\"/>", at - 4.0);
            taken.take(Area::around(from, at, 4.0));
            let text = format!("ridge {}", si(roof.ridge));
            if let Some((left, base)) = taken.label(&text, (from, at), 5.0) {
                let _ = writeln!(svg, "<text class=\"s\" x=\"{left:.1}\" y=\"{base:.1}\">{text}</text>");
            }
        }
    }
    let text = format!("memory {}B/s", si(on.bandwidth));
    let near = (begin * end).sqrt();
    // Above the slant, which a label on its right would be under.
    let wide = text.chars().count() as f64 * SIZE * WIDE;
    if let Some((left, base)) = taken.label(&text, (x.at(near) - wide - 8.0, y.at(near * on.bandwidth) - 10.0), 1.0) {
        let _ = writeln!(svg, "<text class=\"s\" x=\"{left:.1}\" y=\"{base:.1}\">{text}</text>");
    }
}

/// Whether a kernel has a place in the plot.
fn shown(kernel: &UnderRoof) -> bool {
    kernel.intensity > 0.0 && kernel.flop_s > 0.0
}

fn dots(svg: &mut String, on: &DeviceRoofs, x: Scale, y: Scale, drawn: usize, taken: &mut Taken) {
    let kernels: Vec<&UnderRoof> = on.kernels.iter().filter(|kernel| shown(kernel)).take(drawn).collect();
    let place = |kernel: &UnderRoof| (x.at(kernel.intensity), y.at(kernel.flop_s));
    let radius = |kernel: &UnderRoof| (RADIUS * kernel.share.sqrt()).max(2.0);
    for kernel in &kernels {
        let ((cx, cy), r) = (place(kernel), radius(kernel));
        let class = if kernel.bound == "compute" { "c" } else { "m" };
        let said =
            format!("{}: {} of the time, {} FLOP/byte", kernel.path, percent(kernel.share), si(kernel.intensity));
        let _ = writeln!(
            svg,
            "<circle class=\"{class}\" cx=\"{cx:.1}\" cy=\"{cy:.1}\" r=\"{r:.1}\"><title>{}</title></circle>",
            escaped(&said),
        );
        taken.take(Area::around(cx, cy, r * 0.75));
    }
    for kernel in kernels.iter().take(NAMED).filter(|kernel| kernel.share >= 0.005) {
        let text = format!("{} {}", tail(&kernel.path, 30), percent(kernel.share));
        let ((cx, cy), r) = (place(kernel), radius(kernel));
        if let Some((left, base)) = taken.label(&text, (cx, cy), r) {
            leader(svg, (cx, cy), r, (left, base, text.chars().count() as f64 * SIZE * WIDE));
            let _ = writeln!(svg, "<text class=\"l\" x=\"{left:.1}\" y=\"{base:.1}\">{}</text>", escaped(&text));
        }
    }
}

/// A line from a kernel to its label, if that isn't beside it.
fn leader(svg: &mut String, (cx, cy): (f64, f64), r: f64, (left, base, wide): (f64, f64, f64)) {
    const NEAR: f64 = 8.0;
    let (x, y) = (cx.clamp(left, left + wide), cy.clamp(base - SIZE + 2.0, base + 2.0));
    let far = (x - cx).hypot(y - cy);
    if far > r + NEAR {
        let (fromx, fromy) = (cx + (x - cx) * r / far, cy + (y - cy) * r / far);
        let _ = writeln!(svg, "<path class=\"d\" d=\"M{fromx:.1} {fromy:.1}L{x:.1} {y:.1}\"/>");
    }
}

/// The picture in words.
fn described(of: &Roofline) -> String {
    let each = of.devices.iter().map(|on| {
        let first = on.kernels.iter().take(3).map(|kernel| format!("{} {}", kernel.path, percent(kernel.share)));
        let first: Vec<String> = first.collect();
        let used = on.roofs.iter().filter(|roof| roof.used);
        let ridges: Vec<String> =
            used.map(|it| format!("{} at {} FLOP/byte", it.classes.join(", "), si(it.ridge))).collect();
        format!(
            "{}: at least {}s, {} bound; ridge of {}; most of the time in {}.",
            on.title,
            si(on.lower_bound_s),
            on.bound,
            if ridges.is_empty() { "no product".to_owned() } else { ridges.join(" and ") },
            first.join(", "),
        )
    });
    each.collect::<Vec<_>>().join(" ")
}

fn percent(share: f64) -> String {
    let percent = share * 100.0;
    if percent >= 9.95 { format!("{percent:.0} %") } else { format!("{percent:.1} %") }
}

/// A number with at most three digits, a space and a prefix: `3.35 T`, `4.6 m`.
fn si(number: f64) -> String {
    const PREFIXES: [(f64, &str); 11] = [
        (1e18, "E"),
        (1e15, "P"),
        (1e12, "T"),
        (1e9, "G"),
        (1e6, "M"),
        (1e3, "k"),
        (1.0, ""),
        (1e-3, "m"),
        (1e-6, "µ"),
        (1e-9, "n"),
        (1e-12, "p"),
    ];
    let (scale, prefix) = PREFIXES.into_iter().find(|(scale, _)| number >= scale * 0.9995).unwrap_or((1.0, ""));
    let scaled = number / scale;
    let digits = if scaled >= 99.95 {
        format!("{scaled:.0}")
    } else if scaled >= 9.995 {
        format!("{scaled:.1}")
    } else {
        format!("{scaled:.2}")
    };
    let digits = if digits.contains('.') { digits.trim_end_matches('0').trim_end_matches('.') } else { &digits };
    format!("{digits} {prefix}")
}

/// The end of a path, which tells kernels apart.
fn tail(path: &str, most: usize) -> String {
    let count = path.chars().count();
    if count <= most {
        path.to_owned()
    } else {
        format!("…{}", path.chars().skip(count + 1 - most).collect::<String>())
    }
}

fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most { text.to_owned() } else { text.chars().take(most - 1).chain(['…']).collect() }
}

fn escaped(text: &str) -> String {
    printable(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
