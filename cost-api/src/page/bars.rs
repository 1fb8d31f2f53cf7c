//! Bars: what is in memory, and what takes the time.

use cost_models::report::{self as counted, Bytes, HardwareReport};

use super::answer::times;
use crate::draw::text::{escaped, percent};
use crate::number::{bytes, seconds};
use crate::response::Reported;

/// The most kernels that have a bar of their own, on a device.
const SHOWN: usize = 12;

/// What is in memory, as a stacked bar against what each device has.
pub(super) fn memory<Of>(report: &counted::Report<Of>) -> String {
    let memory = &report.memory;
    let parts = [("weights", memory.weights), ("cache", memory.cache), ("activations", memory.activations)];
    let mut key = "<ul class=\"key\">\n".to_owned();
    for (name, size) in parts {
        key += &format!("<li><i class=\"{name}\"></i>{name} {}</li>\n", bytes(size));
    }
    key += &format!("<li>in all {}</li>\n</ul>\n", bytes(memory.total));
    if !memory.host.is_zero() {
        key += &format!("<p>Besides {} of weights in the host's memory.</p>\n", bytes(memory.host));
    }
    // Without a device the whole bar is what is there.
    if report.hardware.is_empty() {
        return track(&parts, memory.total, None, &format!("{} in all", bytes(memory.total))) + &key;
    }
    let each = report.hardware.iter().map(|on| {
        let verdict = match (on.fits, on.memory) {
            (Some(true), Some(has)) => format!("fits {}", bytes(has)),
            (Some(false), Some(has)) => format!("does not fit {}", bytes(has)),
            _ => "its memory is not known".to_owned(),
        };
        let words = format!("{}: {} in all, {verdict}", on.name, bytes(memory.total));
        format!("<h3>{}: {verdict}</h3>\n{}", escaped(&on.name), track(&parts, memory.total, on.memory, &words))
    });
    each.collect::<String>() + &key
}

/// A bar as wide as the larger of what is there and what there is room for, which has a mark where it is the smaller.
fn track(parts: &[(&str, Bytes)], total: Bytes, room: Option<Bytes>, words: &str) -> String {
    let all = total.max(room.unwrap_or_default()).to_f64().max(1.0);
    let width = |size: Bytes| size.to_f64() / all * 100.0;
    let mut bar = format!("<div class=\"track\" role=\"img\" aria-label=\"{}\">", escaped(words));
    for (name, size) in parts {
        bar += &format!("<span class=\"{name}\" style=\"width:{:.3}%\"></span>", width(*size));
    }
    if let Some(room) = room.filter(|room| *room < total) {
        bar += &format!("<span class=\"mark\" style=\"left:{:.3}%\"></span>", width(room));
    }
    bar + "</div>\n"
}

/// What takes the time on each device: the kernels that take most, and all others together.
pub(super) fn time<Of>(it: &Reported<Of>) -> String {
    let each = it.devices.iter().zip(&it.hardware).map(|(device, on)| {
        let link = on.link_s.map_or_else(String::new, |link| format!(", exchanges {} of it", seconds(link)));
        format!(
            "<h3>{}: at least {}{link}</h3>\n{}",
            escaped(&device.name),
            seconds(on.lower_bound_s),
            on_device(it, on)
        )
    });
    each.collect()
}

fn on_device<Of>(it: &Reported<Of>, on: &HardwareReport) -> String {
    let times = times(it, on);
    let all: f64 = times.iter().sum();
    let mut order: Vec<usize> = (0..times.len()).collect();
    order.sort_by(|a, b| times[*b].total_cmp(&times[*a]));
    let most = order.first().map_or(0.0, |first| times[*first]);
    let (own, others) = order.split_at(order.len().min(SHOWN));
    let rest: f64 = others.iter().map(|at| times[*at]).sum();
    let most = most.max(rest);
    let mut list = "<ul class=\"bars\">\n".to_owned();
    let mut bar = |name: &str, time: f64, fill: &str| {
        let (width, share) = if most > 0.0 { (time / most * 100.0, time / all) } else { (0.0, 0.0) };
        list += &format!(
            "<li><span class=\"name\">{}</span><span class=\"bar\"><i class=\"fill-{fill}\" style=\"width:{width:.2}%\"></i></span>\
             <span class=\"figure\">{} · {}</span></li>\n",
            escaped(name),
            seconds(time),
            percent(share),
        );
    };
    for at in own {
        bar(&it.kernels[*at].path, times[*at], on.kernels[*at].bound);
    }
    if !others.is_empty() {
        bar(&format!("{} other kernels", others.len()), rest, "others");
    }
    list + "</ul>\n" + KEY
}

/// What the bars' colours say.
const KEY: &str = "<p class=\"soft\">Colours say what a kernel waits for: <span class=\"memory\">memory</span>, \
    <span class=\"compute\">compute</span>, <span class=\"link\">a link</span> or <span class=\"host\">the host</span>.</p>\n";
