//! Devices from a TOML file.

use serde::Deserialize;

use super::{Figures, Hardware};
use crate::error::{Error, Result};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    device: Vec<Device>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Device {
    id: String,
    #[serde(default)]
    aliases: Vec<String>,
    name: Option<String>,
    year: Option<u16>,
    bf16_tflops: f64,
    bandwidth_gb_s: f64,
    f32_tflops: Option<f64>,
    fp8_tflops: Option<f64>,
    int8_tops: Option<f64>,
    fp4_tflops: Option<f64>,
    int4_tops: Option<f64>,
    vector_tflops: Option<f64>,
    memory_gb: Option<f64>,
    shared_kib: Option<f64>,
    l2_mib: Option<f64>,
    sms: Option<f64>,
    link_gb_s: Option<f64>,
    #[serde(default)]
    source: String,
    #[serde(default)]
    note: String,
}

/// Reads devices from TOML: an array `[[device]]` whose entries have at least `id`, `bf16_tflops` and
/// `bandwidth_gb_s`. An error names the field that is missing, unknown, or no positive number.
pub fn parse(text: &str) -> Result<Vec<Hardware>> {
    let file: File = toml::from_str(text).map_err(|error| Error::HardwareFile { message: error.to_string() })?;
    if file.device.is_empty() {
        return Err(Error::HardwareFile { message: "no [[device]] entry".to_owned() });
    }
    file.device.into_iter().map(checked).collect()
}

fn checked(device: Device) -> Result<Hardware> {
    let figures = [
        ("bf16_tflops", Some(device.bf16_tflops)),
        ("bandwidth_gb_s", Some(device.bandwidth_gb_s)),
        ("f32_tflops", device.f32_tflops),
        ("fp8_tflops", device.fp8_tflops),
        ("int8_tops", device.int8_tops),
        ("fp4_tflops", device.fp4_tflops),
        ("int4_tops", device.int4_tops),
        ("vector_tflops", device.vector_tflops),
        ("memory_gb", device.memory_gb),
        ("shared_kib", device.shared_kib),
        ("l2_mib", device.l2_mib),
        ("sms", device.sms),
        ("link_gb_s", device.link_gb_s),
    ];
    let wrong = figures.iter().find_map(|(field, value)| {
        value.filter(|value| !(value.is_finite() && *value > 0.0)).map(|value| (field, value))
    });
    if let Some((field, value)) = wrong {
        let message = format!("device `{}`: {field} is {value}; expected a positive number", device.id);
        return Err(Error::HardwareFile { message });
    }
    Ok(Hardware {
        name: device.name.unwrap_or_else(|| device.id.clone()).into(),
        id: device.id.into(),
        aliases: device.aliases.into_iter().map(Into::into).collect(),
        year: device.year,
        figures: Figures {
            f32: device.f32_tflops,
            bf16: Some(device.bf16_tflops),
            fp8: device.fp8_tflops,
            int8: device.int8_tops,
            fp4: device.fp4_tflops,
            int4: device.int4_tops,
            vector: device.vector_tflops,
            memory_gb: device.memory_gb,
            bandwidth_gb_s: Some(device.bandwidth_gb_s),
            shared_kib: device.shared_kib,
            l2_mib: device.l2_mib,
            sms: device.sms,
            link_gb_s: device.link_gb_s,
        },
        source: device.source.into(),
        note: device.note.into(),
    })
}
