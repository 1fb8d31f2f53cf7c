//! `cost roofline`

use std::path::PathBuf;

use clap::Args;
use cost_api::RooflineRequest;
use cost_api::response::{DeviceRoofs, Roofline};

use crate::args::ListArgs;
use crate::cell::{Cell, row};
use crate::failure::{Result, text};
use crate::load::Disk;
use crate::output;
use crate::page::{Page, table};
use crate::table::{digits, headings, seconds, si, wrapped};

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
        output::file("svg", path, &cost_api::roofline_svg(&roofline))?;
    }
    if args.output.json {
        return output::json(&roofline);
    }
    match &args.svg {
        Some(path) => output::print(&format!("{}: {}\n", path.display(), roofline.of)),
        None => output::page(&page(&roofline), &args.output),
    }
}

fn page(of: &Roofline) -> Page {
    of.devices.iter().fold(Page::from(wrapped("", "  ", &of.of)), |page, on| page + "\n" + on_device(on))
}

fn on_device(on: &DeviceRoofs) -> Page {
    let roofs = on.roofs.iter().map(|roof| {
        let ridge = digits(roof.ridge);
        format!("{} {}FLOP/s (ridge {ridge} FLOP/byte)", roof.classes.join(", "), spaced(&si(roof.peak)))
    });
    let roofs = roofs.collect::<Vec<_>>().join("; ");
    let took = format!("{}: at least {}, {} bound", on.title, seconds(on.lower_bound_s), on.bound);
    let mut under = format!("memory {}B/s; {roofs}", spaced(&si(on.bandwidth)));
    if let Some(link) = &on.link {
        let allows = format!("at {} FLOP of the step per byte", digits(link.intensity));
        under += &format!("; link {}B/s, exchanges {} {allows}", spaced(&si(link.bandwidth)), seconds(link.seconds));
    }
    let rows = on.kernels.iter().map(|kernel| {
        row![
            kernel.path.clone(),
            kernel.repeat.to_string(),
            Cell::digits(kernel.intensity),
            kernel.class.unwrap_or_default(),
            Cell::si(kernel.flop_s),
            Cell::bound(kernel.bound, kernel.bound),
            Cell::bar(kernel.share),
        ]
    });
    let columns = headings(&["kernel", "×", "FLOP/byte", "in", "FLOP/s at most", "bound", "of the time"]);
    Page::from(format!("{took}\n{}", wrapped("", "  ", &under))) + table(columns, 1, rows)
}

/// A number before a unit.
fn spaced(number: &str) -> String {
    if number.contains(' ') { number.to_owned() } else { format!("{number} ") }
}
