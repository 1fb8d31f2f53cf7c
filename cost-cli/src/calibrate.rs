//! `cost calibrate`

use std::fs;
use std::path::PathBuf;

use clap::Args;
use cost_api::CalibrateRequest;
use cost_api::response::Calibration;

use crate::args::ListArgs;
use crate::cell::Cell;
use crate::failure::{Result, text};
use crate::load::Disk;
use crate::output;
use crate::page::{Page, table};
use crate::table::{grouped, headings, seconds, wrapped};

#[derive(Args)]
pub(crate) struct CalibrateArgs {
    #[command(flatten)]
    request: CalibrateRequest,
    /// Write the device with its constants into this file, for `--on FILE.toml --time calibrated`
    #[arg(long, value_name = "FILE.toml")]
    out: Option<PathBuf>,
    /// Write the constants alone, without the device's figures
    #[arg(long, requires = "out")]
    constants: bool,
    /// Show every group of rows, not only what kernels of one kind have in common
    #[arg(long)]
    groups: bool,
    #[command(flatten)]
    output: ListArgs,
}

pub(crate) fn run(args: &CalibrateArgs) -> Result<()> {
    let found = cost_api::calibrate(&args.request, &Disk).map_err(text)?;
    if let Some(path) = &args.out {
        let contents = if args.constants { &found.constants } else { &found.toml };
        fs::write(path, contents).map_err(|error| format!("--out: {}: {error}", path.display()))?;
    }
    if args.output.json { output::json(&found) } else { output::page(&page(&found, args), &args.output) }
}

fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

/// Cells that are exact as they are shown.
fn cells(texts: Vec<String>) -> Vec<Cell> {
    texts.into_iter().map(|text| Cell::new(text.clone(), text)).collect()
}

fn page(found: &Calibration, args: &CalibrateArgs) -> Page {
    let rows = grouped(found.rows.into());
    let mut page = Page::from(wrapped("", "  ", &format!("{}: constants from {rows} measured times", found.device)));
    if found.noted > 0 || found.elsewhere > 0 {
        let (noted, elsewhere) = (grouped(found.noted.into()), grouped(found.elsewhere.into()));
        page += &format!("{noted} rows with a note and {elsewhere} of other devices were passed over\n");
    }
    if !found.summary.is_empty() {
        page += "\nRows held out by shape, against constants of the others:\n\n";
        let columns = headings(&["work", "in", "kernels", "rows", "mean error", "median", "in 80 % interval"]);
        let rows = found.summary.iter().map(|it| {
            let counts = [it.groups.to_string(), grouped(it.rows as u128)];
            let shares = [it.mape, it.median, it.coverage].map(percent);
            [it.work, it.class].map(str::to_owned).into_iter().chain(counts).chain(shares).collect::<Vec<String>>()
        });
        page += table(columns, 2, rows.map(cells));
        page += "mean error: of each kernel's rows, the median over kernels; median: of all rows\n";
    }
    if args.groups {
        page += "\n";
        let columns =
            headings(&["work", "in", "engine, kernel", "rows", "error", "80 %", "launch", "peak", "bandwidth"]);
        let rows = found.groups.iter().map(|it| {
            let kernel: String = it.kernel.chars().take(24).chain(" ".chars()).chain(it.stored.chars()).collect();
            vec![
                it.work.to_owned(),
                it.class.to_owned(),
                format!("{} {kernel}", it.engine).trim().to_owned(),
                it.rows.to_string() + if it.borrowed { " *" } else { "" },
                percent(it.mape),
                format!("{:.2}–{:.2}", it.low, it.high),
                seconds(it.launch_s),
                format!("{:.2}", it.compute),
                format!("{:.2}", it.memory),
            ]
        });
        page += table(columns, 3, rows.map(cells));
        if found.groups.iter().any(|it| it.borrowed) {
            page += "*: fewer than 32 rows: shape terms are medians of the built-in devices'\n";
        }
    }
    if !found.exchanges.is_empty() {
        page += "\n";
        let columns = headings(&["collective", "rows", "mean error", "latency", "share of the link"]);
        let rows = found.exchanges.iter().map(|it| {
            vec![
                it.kind.clone(),
                it.rows.to_string(),
                percent(it.mape),
                seconds(it.latency_s),
                format!("{:.2}", it.share),
            ]
        });
        page += table(columns, 1, rows.map(cells));
    }
    page += "\n";
    let faster = match found.faster_rows {
        0 => "no row is faster than what its bound leaves without the cache\n".to_owned(),
        1 => "1 row is faster than its bound: a fault of one of the two\n".to_owned(),
        many => format!("{} rows are faster than their bounds: a fault of one of the two\n", grouped(many.into())),
    };
    page += &faster;
    for it in &found.faster {
        let text = format!(
            "{}:{}: {}: {}, at least {}",
            it.file,
            it.line,
            it.what,
            seconds(it.seconds),
            seconds(it.lower_bound_s)
        );
        page += &wrapped("  ", "    ", &text);
    }
    for note in &found.notes {
        page += &wrapped("note: ", "  ", note);
    }
    page
}
