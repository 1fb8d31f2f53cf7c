//! A roofline as a picture: the same bytes for the same numbers, light and dark, readable at the width of a phone.

use std::fmt::Write;

use crate::draw::label::{Area, SIZE, Taken, WIDE};
use crate::draw::scale::Scale;
use crate::draw::style::style;
use crate::draw::text::{cut, escaped, percent, si, tail};
use crate::response::{DeviceRoofs, Roofline, UnderLink, UnderRoof};

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

const STYLE: &[(&str, &str)] = &[
    (".r", "stroke:var(--soft);fill:none;stroke-width:1.5"),
    (".u", "stroke-width:1;stroke-dasharray:4 3"),
    (".k", "fill:var(--soft)"),
    (".m", "fill:var(--memory);stroke:var(--memory);fill-opacity:.45"),
    (".c", "fill:var(--compute);stroke:var(--compute);fill-opacity:.45"),
    (".x", "stroke:var(--link);fill:var(--link);fill-opacity:.45;stroke-width:1.5"),
    (".y", "fill:none;stroke-dasharray:7 3"),
];

/// The picture of a roofline: a panel for each device.
pub fn svg(of: &Roofline) -> String {
    let height = HEAD + PANEL * of.devices.len() as f64;
    let mut svg = format!(
        "<svg class=\"roofline\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH:.0} {height:.0}\" role=\"img\" \
         aria-labelledby=\"roofline-title roofline-desc\">\n<title id=\"roofline-title\">Roofline of {}</title>\n\
         <desc id=\"roofline-desc\">{}</desc>\n\
         {}\n<rect width=\"100%\" height=\"100%\" fill=\"var(--ground)\"/>\n",
        escaped(&of.of),
        escaped(&described(of)),
        style("roofline", STYLE),
    );
    let _ = writeln!(svg, "<text class=\"h\" x=\"12\" y=\"22\">{}</text>", escaped(&cut(&of.of, 72)));
    let drawn = DOTS / of.devices.len().max(1);
    let numbers = |pick: fn(&UnderRoof) -> f64| of.devices.iter().flat_map(move |on| on.kernels.iter().map(pick));
    // All panels have one axis each way, so that devices can be compared.
    let ridges = of.devices.iter().flat_map(|on| on.roofs.iter().map(|roof| roof.ridge * 3.0));
    let links = || of.devices.iter().filter_map(|on| on.link.as_ref());
    let ridges = ridges.chain(links().map(|link| link.intensity));
    let x = Scale::around(numbers(|kernel| kernel.intensity).chain(ridges), (LEFT, RIGHT));
    let peaks = of.devices.iter().flat_map(|on| on.roofs.iter().map(|roof| roof.peak * 1.2));
    let peaks = peaks.chain(links().map(|link| link.flop_s));
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
    // Slants end under the highest roof.
    let top = on.roofs.first().map_or(y.range().1, |roof| roof.peak);
    let (begin, end) = slant(svg, "r", on.bandwidth, top, (x, y), taken);
    let link = on.link.as_ref().map(|link| (link, slant(svg, "x y", link.bandwidth, top, (x, y), taken)));
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
    beside(svg, &format!("memory {}B/s", si(on.bandwidth)), on.bandwidth, (begin, end), false, (x, y), taken);
    if let Some((link, ends)) = link {
        exchanges(svg, link, (x, y), taken);
        beside(svg, &format!("link {}B/s", si(link.bandwidth)), link.bandwidth, ends, true, (x, y), taken);
    }
}

/// The slant of what so many bytes a second allow, up to a roof; gives the intensities at its ends. No label crosses it.
fn slant(
    svg: &mut String,
    class: &str,
    bandwidth: f64,
    top: f64,
    (x, y): (Scale, Scale),
    taken: &mut Taken,
) -> (f64, f64) {
    // It begins where it comes into the plot, and ends where it leaves it.
    let begin = x.range().0.max(y.range().0 / bandwidth);
    let end = (top / bandwidth).min(x.range().1);
    let (from, to) = (x.at(begin), x.at(end));
    let (low, high) = (y.at(begin * bandwidth), y.at(end * bandwidth));
    let _ = writeln!(svg, "<path class=\"{class}\" d=\"M{from:.1} {low:.1}L{to:.1} {high:.1}\"/>");
    let rise = (high - low) / (to - from);
    let mut at = from;
    while at < to {
        taken.take(Area::around(at, low + (at - from) * rise, 2.5));
        at += 5.0;
    }
    (begin, end)
}

/// What a slant is called: that of memory above its middle, that of links, which is below, under it.
fn beside(
    svg: &mut String,
    text: &str,
    bandwidth: f64,
    (begin, end): (f64, f64),
    under: bool,
    (x, y): (Scale, Scale),
    taken: &mut Taken,
) {
    let near = (begin * end).sqrt();
    let (at, height) = (x.at(near), y.at(near * bandwidth));
    let wide = text.chars().count() as f64 * SIZE * WIDE;
    let place = if under { (at + 8.0, height + 12.0) } else { (at - wide - 8.0, height - 10.0) };
    if let Some((left, base)) = taken.label(text, place, 1.0) {
        let _ = writeln!(svg, "<text class=\"s\" x=\"{left:.1}\" y=\"{base:.1}\">{text}</text>");
    }
}

/// What exchanges allow the whole step, by its FLOPs for each byte that crosses a link.
fn exchanges(svg: &mut String, link: &UnderLink, (x, y): (Scale, Scale), taken: &mut Taken) {
    let (cx, cy) = (x.at(link.intensity), y.at(link.flop_s));
    let said =
        format!("all exchanges: {}s, {} FLOP of the step per byte over a link", si(link.seconds), si(link.intensity));
    let _ = writeln!(
        svg,
        "<path class=\"x\" d=\"M{cx:.1} {:.1}l6 6l-6 6l-6 -6z\"><title>{}</title></path>",
        cy - 6.0,
        escaped(&said),
    );
    taken.take(Area::around(cx, cy, 5.0));
    let text = format!("exchanges {}s", si(link.seconds));
    if let Some((left, base)) = taken.label(&text, (cx, cy), 6.0) {
        leader(svg, (cx, cy), 6.0, (left, base, text.chars().count() as f64 * SIZE * WIDE));
        let _ = writeln!(svg, "<text class=\"l\" x=\"{left:.1}\" y=\"{base:.1}\">{text}</text>");
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
            "{}: at least {}s, {} bound; ridge of {}{}; most of the time in {}.",
            on.title,
            si(on.lower_bound_s),
            on.bound,
            if ridges.is_empty() { "no product".to_owned() } else { ridges.join(" and ") },
            on.link.as_ref().map_or_else(String::new, |link| format!("; exchanges take {}s", si(link.seconds))),
            first.join(", "),
        )
    });
    each.collect::<Vec<_>>().join(" ")
}
