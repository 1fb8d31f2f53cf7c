//! The kernels of a step under the roofs of devices: as data, and as a picture.

mod svg;

use cost_core::format::Class;
use cost_core::hardware::Hardware;
use cost_models::report::{self as counted, HardwareReport};

use crate::error::{Error, Result};
use crate::request::{ReportRequest, RooflineRequest};
use crate::response::{DeviceRoofs, Report, Reported, Roof, Roofline, UnderLink, UnderRoof};
use crate::sources::Sources;

pub use svg::svg as roofline_svg;
pub(crate) use svg::svg;

/// The most devices that are shown together.
pub(crate) const DEVICES: usize = 8;

/// The kernels of a step, or of an operator at sizes, under the roofs of devices.
pub fn roofline(request: &RooflineRequest, sources: &dyn Sources) -> Result<Roofline> {
    let asked = ReportRequest {
        at: request.at.clone(),
        phase: request.phase,
        batch: request.batch,
        past: request.past,
        tokens: request.tokens,
        on: request.on.clone(),
        mesh: request.mesh.clone(),
        timing: request.timing.clone(),
        counting: request.counting.clone(),
        reading: request.reading.clone(),
        ..ReportRequest::of(request.what.clone())
    };
    of_report(&crate::report(&asked, sources)?)
}

/// The kernels of a report under the roofs of its devices.
pub(crate) fn of_report(report: &Report) -> Result<Roofline> {
    let of = title(report);
    match report {
        Report::Step(it) => under(it, of),
        Report::Operator(it) => under(it, of),
    }
}

/// What a report is of, in words.
pub(crate) fn title(report: &Report) -> String {
    match report {
        Report::Step(it) => {
            let step = &it.of;
            let tokens = if step.tokens == 1 { "token" } else { "tokens" };
            let of = format!("{}: {} of {} {tokens}", step.model, step.phase, step.tokens);
            let on = it.on_mesh.as_ref().map_or_else(String::new, |on| format!(", one of {} devices", on.devices));
            format!("{of}, batch {}, {} cached{on}", step.batch, step.past)
        }
        Report::Operator(it) => {
            let at: Vec<String> = it.of.at.iter().map(|(axis, size)| format!("{axis} = {size}")).collect();
            format!("{} at {}", it.of.operator, at.join(", "))
        }
    }
}

fn under<Of>(of: &Reported<Of>, words: String) -> Result<Roofline> {
    if !(1..=DEVICES).contains(&of.devices.len()) {
        let found = format!("{} devices", of.devices.len());
        return Err(Error::found("on", found, format_args!("from 1 to {DEVICES}")));
    }
    let each = of.devices.iter().zip(&of.hardware).map(|(device, on)| on_device(&of.report, device, on));
    Ok(Roofline { of: words, devices: each.collect() })
}

fn on_device<Of>(report: &counted::Report<Of>, device: &Hardware, on: &HardwareReport) -> DeviceRoofs {
    let kernels = report.kernels.iter().zip(&on.kernels).map(|(kernel, verdict)| {
        let time = verdict.lower_bound_s;
        UnderRoof {
            path: kernel.path.clone(),
            repeat: kernel.repeat,
            class: kernel.class,
            intensity: kernel.intensity,
            flop_s: if time > 0.0 { kernel.flops as f64 / time } else { 0.0 },
            share: if on.lower_bound_s > 0.0 { time * kernel.repeat as f64 / on.lower_bound_s } else { 0.0 },
            bound: verdict.bound,
        }
    });
    let mut kernels: Vec<UnderRoof> = kernels.collect();
    kernels.sort_by(|a, b| b.share.total_cmp(&a.share));
    DeviceRoofs {
        name: on.name.clone(),
        title: device.name.to_string(),
        bandwidth: device.bandwidth(),
        roofs: roofs(device, &kernels),
        lower_bound_s: on.lower_bound_s,
        bound: on.bound,
        link: link(report, device, on),
        kernels,
    }
}

/// What exchanges allow a step on a device; nothing where there are none.
fn link<Of>(report: &counted::Report<Of>, device: &Hardware, on: &HardwareReport) -> Option<UnderLink> {
    let (seconds, within) = (on.link_s?, device.figures.link_gb_s?);
    let bytes = report.on_mesh.as_ref()?.collectives.iter().map(|it| it.link_bytes * it.repeat as f64).sum::<f64>();
    let flops = report.flops.total as f64;
    (bytes > 0.0 && seconds > 0.0).then(|| UnderLink {
        bandwidth: within * 1e9,
        intensity: flops / bytes,
        flop_s: flops / seconds,
        seconds,
    })
}

/// The peaks of a device: those of classes that it has units for or that a kernel multiplies in, and that of its vectors.
fn roofs(device: &Hardware, kernels: &[UnderRoof]) -> Vec<Roof> {
    let used = |class: &'static str| kernels.iter().any(|kernel| kernel.class == Some(class));
    let known = |class: Class| class != Class::F32 || device.figures.f32.is_some();
    let faster =
        |class: Class| known(class) && class.widened().is_none_or(|wider| device.peak(class) > device.peak(wider));
    let classes = Class::ALL.into_iter().filter(|class| used(class.name()) || faster(*class));
    let mut roofs: Vec<Roof> = Vec::new();
    for (name, peak) in
        classes.map(|class| (class.name(), device.peak(class))).chain([("vector", device.vector_peak())])
    {
        let used = used(name);
        match roofs.iter_mut().find(|roof| roof.peak.total_cmp(&peak).is_eq()) {
            Some(roof) => {
                roof.classes.push(name);
                roof.used |= used;
            }
            None => roofs.push(Roof { classes: vec![name], peak, ridge: peak / device.bandwidth(), used }),
        }
    }
    roofs.retain(|roof| roof.peak > 0.0);
    roofs.sort_by(|a, b| b.peak.total_cmp(&a.peak));
    roofs
}
