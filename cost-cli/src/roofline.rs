//! `cost roofline`

use std::path::PathBuf;

use clap::Args;
use cost_api::RooflineRequest;
use cost_api::response::{DeviceRoofs, Roofline};

use crate::args::ListArgs;
use crate::failure::{Result, text};
use crate::load::Disk;
use crate::output;
use crate::table::{digits, headings, seconds, si, table, wrapped};

#[derive(Args)]
pub(crate) struct RooflineArgs {
    #[command(flatten)]
    request: RooflineRequest,
    /// A picture in that file
    #[arg(long, value_name = "FILE", help_heading = None::<&str>)]
    svg: Option<PathBuf>,
    #[command(flatten)]
    output: ListArgs,
}

pub(crate) fn run(args: &RooflineArgs) -> Result<()> {
    let roofline = cost_api::roofline(&args.request, &Disk).map_err(text)?;
    if let Some(path) = &args.svg {
        let svg = cost_api::roofline_svg(&roofline);
        std::fs::write(path, svg).map_err(|error| format!("--svg: {}: {error}", path.display()))?;
    }
    if args.output.json {
        return output::json(&roofline);
    }
    match &args.svg {
        Some(path) => output::print(&format!("{}: {}\n", path.display(), roofline.of)),
        None => output::print(&page(&roofline)),
    }
}

fn page(of: &Roofline) -> String {
    of.devices.iter().fold(wrapped("", "  ", &of.of), |page, on| page + "\n" + &on_device(on))
}

fn on_device(on: &DeviceRoofs) -> String {
    let roofs = on.roofs.iter().map(|roof| {
        let ridge = digits(roof.ridge);
        format!("{} {}FLOP/s (ridge {ridge} FLOP/byte)", roof.classes.join(", "), spaced(&si(roof.peak)))
    });
    let roofs = roofs.collect::<Vec<_>>().join("; ");
    let took = format!("{}: at least {}, {} bound", on.title, seconds(on.lower_bound_s), on.bound);
    let under = wrapped("", "  ", &format!("memory {}B/s; {roofs}", spaced(&si(on.bandwidth))));
    let rows = on.kernels.iter().map(|kernel| {
        vec![
            kernel.path.clone(),
            kernel.repeat.to_string(),
            digits(kernel.intensity),
            kernel.class.unwrap_or_default().to_owned(),
            si(kernel.flop_s),
            kernel.bound.to_owned(),
            format!("{:.1} %", kernel.share * 100.0),
        ]
    });
    let columns = headings(&["kernel", "×", "FLOP/byte", "in", "FLOP/s at most", "bound", "of the time"]);
    format!("{took}\n{under}{}", table(columns, 1, rows))
}

/// A number before a unit.
fn spaced(number: &str) -> String {
    if number.contains(' ') { number.to_owned() } else { format!("{number} ") }
}
