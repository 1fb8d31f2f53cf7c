//! Devices from a TOML file.

use core::fmt::Display;
use core::ops::RangeInclusive;
use std::collections::HashSet;

use serde::Deserialize;

use super::{Figures, Hardware};
use crate::error::{Error, Result};
use crate::text::{controls, short};

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
    link_domain: Option<u32>,
    link_beyond_gb_s: Option<f64>,
    link_latency_us: Option<f64>,
    link_reduces: Option<bool>,
    host_gb_s: Option<f64>,
    #[serde(default)]
    source: String,
    #[serde(default)]
    link_source: String,
    #[serde(default)]
    note: String,
    times: Option<crate::time::File>,
}

/// Reads devices from TOML: an array `[[device]]` whose entries have at least `id`, `bf16_tflops` and
/// `bandwidth_gb_s`; the others are those of [`Figures`], with units in their names, and what [`Hardware`] has beside
/// them. An error names the field that is missing, unknown, or no figure of a device.
pub fn parse(text: &str) -> Result<Vec<Hardware>> {
    let file: File = toml::from_str(text).map_err(|error| Error::HardwareFile { message: long(&error) })?;
    if file.device.is_empty() {
        return Err(Error::HardwareFile { message: "no [[device]] entry".to_owned() });
    }
    let mut ids = HashSet::new();
    if let Some(twice) = file.device.iter().find(|device| !ids.insert(device.id.as_str())) {
        return Err(wrong(&twice.id, "id", &"the same as an earlier device's", "each id once"));
    }
    file.device.into_iter().map(checked).collect()
}

/// Which figures can be: as many orders of magnitude around those of any device, and few enough that nothing is lost or
/// infinite when they are scaled to FLOP/s, bytes or bits.
const FIGURES: RangeInclusive<f64> = 1e-9..=1e12;

/// What is wrong with the file as TOML: the line that it is about may be of any length.
fn long(error: &toml::de::Error) -> String {
    let text = error.to_string();
    if text.lines().all(|line| line.len() <= 500) { text } else { short(error.message(), 500) }
}

/// What is wrong with a device.
fn wrong(id: &str, field: &str, found: &dyn Display, expected: &str) -> Error {
    let (id, found) = (short(id, 100), short(found, 100));
    Error::HardwareFile { message: format!("device `{id}`: {field} is {found}; expected {expected}") }
}

/// An error if a device has a name that can't be asked for or shown.
fn named(device: &Device) -> Result<()> {
    let Device { id, name, aliases, .. } = device;
    let aliases = aliases.iter().map(|alias| ("aliases", alias));
    let texts = [("id", id)].into_iter().chain(name.iter().map(|name| ("name", name))).chain(aliases);
    for (field, text) in texts {
        if text.trim().is_empty() {
            return Err(wrong(id, field, &"empty", "a text"));
        }
        if text.chars().any(controls) {
            return Err(wrong(
                id,
                field,
                &format_args!("\"{}\"", short(text, 100)),
                "a text without control characters",
            ));
        }
    }
    Ok(())
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
        ("link_beyond_gb_s", device.link_beyond_gb_s),
        ("link_latency_us", device.link_latency_us),
        ("host_gb_s", device.host_gb_s),
    ];
    let outside =
        figures.iter().find_map(|(field, value)| Some((field, value.filter(|value| !FIGURES.contains(value))?)));
    if let Some((field, value)) = outside {
        let expected = "a positive number, from 1e-9 to 1e12";
        return Err(wrong(&device.id, field, &format_args!("{value:?}"), expected));
    }
    if device.link_domain == Some(0) {
        return Err(wrong(&device.id, "link_domain", &0, "a number of devices, from 1"));
    }
    named(&device)?;
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
            link_domain: device.link_domain,
            link_beyond_gb_s: device.link_beyond_gb_s,
            link_latency_us: device.link_latency_us,
            link_reduces: device.link_reduces,
            host_gb_s: device.host_gb_s,
        },
        host_source: device.source.clone().into(),
        source: device.source.into(),
        link_source: device.link_source.into(),
        note: device.note.into(),
        times: device.times.map(|times| times.times().map(std::sync::Arc::new)).transpose()?,
    })
}

/// A device as the text of a file that [`parse`] reads, without its constants.
pub fn text(device: &Hardware) -> String {
    let f = &device.figures;
    let quoted = |text: &str| {
        let plain: String = text.chars().filter(|c| !c.is_control()).collect();
        format!("\"{}\"", plain.replace('\\', "\\\\").replace('"', "\\\""))
    };
    let mut out = format!("[[device]]\nid = {}\nname = {}\n", quoted(&device.id), quoted(&device.name));
    if let Some(year) = device.year {
        out += &format!("year = {year}\n");
    }
    let figures = [
        ("f32_tflops", f.f32),
        ("bf16_tflops", f.bf16),
        ("fp8_tflops", f.fp8),
        ("int8_tops", f.int8),
        ("fp4_tflops", f.fp4),
        ("int4_tops", f.int4),
        ("vector_tflops", f.vector),
        ("memory_gb", f.memory_gb),
        ("bandwidth_gb_s", f.bandwidth_gb_s),
        ("shared_kib", f.shared_kib),
        ("l2_mib", f.l2_mib),
        ("sms", f.sms),
        ("link_gb_s", f.link_gb_s),
        ("link_beyond_gb_s", f.link_beyond_gb_s),
        ("link_latency_us", f.link_latency_us),
        ("host_gb_s", f.host_gb_s),
    ];
    for (name, value) in figures {
        if let Some(value) = value {
            out += &format!("{name} = {value:?}\n");
        }
    }
    if let Some(domain) = f.link_domain {
        out += &format!("link_domain = {domain}\n");
    }
    if let Some(reduces) = f.link_reduces {
        out += &format!("link_reduces = {reduces}\n");
    }
    for (name, value) in [("source", &device.source), ("link_source", &device.link_source), ("note", &device.note)] {
        if !value.is_empty() {
            out += &format!("{name} = {}\n", quoted(value));
        }
    }
    out
}
