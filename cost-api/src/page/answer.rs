//! The answer in a sentence.

use cost_models::report::HardwareReport;

use crate::draw::text::percent;
use crate::number::{bytes, seconds, si};
use crate::response::Reported;

/// How long it takes at least on each device, what it waits for, and whether it fits.
pub(super) fn sentence<Of>(it: &Reported<Of>, name: &str) -> String {
    let memory = bytes(it.memory.total);
    if it.devices.is_empty() {
        let (flops, moved) = (si(it.flops.total as f64), bytes(it.bytes.total));
        let unit = if flops.contains(' ') { "FLOP" } else { " FLOP" };
        return format!("{name} computes {flops}{unit}, moves {moved}, and takes {memory} of memory.");
    }
    let each = it.devices.iter().zip(&it.hardware).map(|(device, on)| {
        let fits = match (on.fits, on.memory) {
            (Some(true), Some(has)) => format!("; its {memory} fit the {}", bytes(has)),
            (Some(false), Some(has)) => format!("; its {memory} do not fit the {}", bytes(has)),
            _ => String::new(),
        };
        format!("at least {} on {}, {} bound{fits}", seconds(on.lower_bound_s), device.name, on.bound)
    });
    let each: Vec<String> = each.collect();
    format!("{name} takes {}.{}", each.join("; and "), longest(it))
}

/// The kernel that takes most of the time on the first device.
fn longest<Of>(it: &Reported<Of>) -> String {
    let Some(on) = it.hardware.first() else { return String::new() };
    let times = times(it, on);
    let all: f64 = times.iter().sum();
    let most = times.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1).then(b.0.cmp(&a.0)));
    match most {
        Some((at, time)) if all > 0.0 => {
            format!(" On {} most of the time goes to {}: {}.", on.name, it.kernels[at].path, percent(time / all))
        }
        _ => String::new(),
    }
}

/// Seconds that each kernel takes at least on a device, all repetitions together.
pub(super) fn times<Of>(it: &Reported<Of>, on: &HardwareReport) -> Vec<f64> {
    it.kernels.iter().zip(&on.kernels).map(|(kernel, on)| on.lower_bound_s * kernel.repeat as f64).collect()
}
