//! The figures of devices.

use cost_core::format::Class;
use cost_core::hardware::{self, Hardware};

use crate::error::Result;
use crate::load;
use crate::request::HardwareRequest;
use crate::response::DeviceFigures;
use crate::sources::Sources;

/// The figures of the devices that are named, or of all built-in ones.
pub fn hardware(request: &HardwareRequest, sources: &dyn Sources) -> Result<Vec<DeviceFigures>> {
    if request.devices.is_empty() {
        return Ok(hardware::all().map(|device| figures(&device)).collect());
    }
    Ok(load::devices(&request.devices, sources)?.iter().map(figures).collect())
}

fn figures(device: &Hardware) -> DeviceFigures {
    let figures = &device.figures;
    DeviceFigures {
        id: device.id.to_string(),
        aliases: device.aliases.iter().map(ToString::to_string).collect(),
        name: device.name.to_string(),
        year: device.year,
        f32_tflops: figures.f32,
        bf16_tflops: figures.bf16,
        fp8_tflops: figures.fp8,
        int8_tops: figures.int8,
        fp4_tflops: figures.fp4,
        int4_tops: figures.int4,
        memory_gb: figures.memory_gb,
        bandwidth_gb_s: figures.bandwidth_gb_s,
        shared_kib: figures.shared_kib,
        l2_mib: figures.l2_mib,
        link_gb_s: figures.link_gb_s,
        host_gb_s: figures.host_gb_s,
        link_domain: figures.link_domain,
        link_beyond_gb_s: figures.link_beyond_gb_s,
        link_latency_us: figures.link_latency_us,
        link_reduces: figures.link_reduces,
        ridge: device.ridge(Class::F16),
        source: device.source.to_string(),
        link_source: device.link_source.to_string(),
        note: device.note.to_string(),
    }
}
