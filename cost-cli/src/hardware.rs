//! `cost hardware`

use cost_core::format::Class;
use cost_core::hardware::{self, Hardware};
use serde::Serialize;

use crate::args::HardwareArgs;
use crate::failure::{Result, text};
use crate::load::Disk;
use crate::output;
use crate::table::{digits, headings, table, wrapped};

#[derive(Serialize)]
struct Row<'d> {
    id: &'d str,
    aliases: &'d [std::borrow::Cow<'static, str>],
    name: &'d str,
    year: Option<u16>,
    f32_tflops: Option<f64>,
    bf16_tflops: Option<f64>,
    fp8_tflops: Option<f64>,
    int8_tops: Option<f64>,
    fp4_tflops: Option<f64>,
    int4_tops: Option<f64>,
    memory_gb: Option<f64>,
    bandwidth_gb_s: Option<f64>,
    shared_kib: Option<f64>,
    l2_mib: Option<f64>,
    link_gb_s: Option<f64>,
    link_domain: Option<u32>,
    link_beyond_gb_s: Option<f64>,
    link_latency_us: Option<f64>,
    ridge: f64,
    source: &'d str,
    link_source: &'d str,
    note: &'d str,
}

pub(crate) fn run(args: &HardwareArgs) -> Result<()> {
    let devices: Vec<Hardware> = if args.devices.is_empty() {
        hardware::all().collect()
    } else {
        cost_api::load::devices(&args.devices, &Disk).map_err(text)?
    };
    if args.output.json {
        return output::json(&devices.iter().map(row).collect::<Vec<_>>());
    }
    let cell = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), digits);
    let rows = devices.iter().map(|device| {
        let figures = &device.figures;
        let aliases: Vec<&str> = device.aliases.iter().map(AsRef::as_ref).collect();
        vec![
            device.id.to_string(),
            aliases.join(", "),
            cell(figures.bf16),
            cell(figures.fp8),
            cell(figures.int8),
            cell(figures.fp4),
            cell(figures.memory_gb),
            cell(figures.bandwidth_gb_s),
            digits(device.ridge(Class::F16)),
        ]
    });
    let columns = headings(&["device", "alias", "bf16", "fp8", "int8", "fp4", "GB", "GB/s", "ridge"]);
    let mut page = table(columns, 2, rows);
    page += "dense TFLOP/s (TOP/s for int8); ridge: bf16 FLOP/byte\n";
    if args.sources {
        for device in &devices {
            page += &format!("\n{} ({})\n", device.id, device.name);
            page += &wrapped("  source: ", "    ", &device.source);
            if !device.link_source.is_empty() {
                page += &wrapped("  links: ", "    ", &device.link_source);
            }
            if !device.note.is_empty() {
                page += &wrapped("  note: ", "    ", &device.note);
            }
        }
    }
    output::print(&page)
}

fn row(device: &Hardware) -> Row<'_> {
    let figures = &device.figures;
    Row {
        id: &device.id,
        aliases: &device.aliases,
        name: &device.name,
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
        link_domain: figures.link_domain,
        link_beyond_gb_s: figures.link_beyond_gb_s,
        link_latency_us: figures.link_latency_us,
        ridge: device.ridge(Class::F16),
        source: &device.source,
        link_source: &device.link_source,
        note: &device.note,
    }
}
