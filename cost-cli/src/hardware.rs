//! `cost hardware`

use clap::Args;
use cost_api::HardwareRequest;

use crate::args::ListArgs;
use crate::cell::{Cell, row};
use crate::failure::{Result, text};
use crate::load::Disk;
use crate::output;
use crate::page::table;
use crate::table::{headings, wrapped};

#[derive(Args)]
pub(crate) struct HardwareArgs {
    #[command(flatten)]
    request: HardwareRequest,
    /// Where each device's figures are from
    #[arg(long)]
    sources: bool,
    #[command(flatten)]
    output: ListArgs,
}

pub(crate) fn run(args: &HardwareArgs) -> Result<()> {
    let devices = cost_api::hardware(&args.request, &Disk).map_err(text)?;
    if args.output.json {
        return output::json(&devices);
    }
    let cell = |value: Option<f64>| value.map_or_else(|| Cell::new("-", ""), Cell::digits);
    let rows = devices.iter().map(|device| {
        row![
            device.id.clone(),
            device.aliases.join(", "),
            cell(device.bf16_tflops),
            cell(device.fp8_tflops),
            cell(device.int8_tops),
            cell(device.fp4_tflops),
            cell(device.memory_gb),
            cell(device.bandwidth_gb_s),
            Cell::digits(device.ridge),
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
    output::page(&page, &args.output)
}
