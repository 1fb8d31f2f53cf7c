//! `cost sweep`

mod args;
mod show;
mod watch;

use std::io::IsTerminal;
use std::path::Path;

use cost_api::{Plot, Sweeping};
use cost_models::sweep::{Error, FileFormat, Output};

use crate::args::{ListArgs, Table};
use crate::failure::{Result, text};
use crate::load::Disk;
use crate::output::{self, Stderr};
use args::FileArgs;
pub(crate) use args::SweepArgs;
use watch::Watcher;

pub(crate) fn run(args: &SweepArgs) -> Result<()> {
    let sweeping = Sweeping::new(&args.request, &Disk, &Stderr).map_err(text)?;
    let json = args.output.json;
    if let (Some(plot), Some(path)) = (&args.file.plot, &args.file.svg) {
        return picture(&sweeping, plot, path, json);
    }
    match (&args.file.out, sweeping.orders().is_some()) {
        (Some(path), _) => to_file(&sweeping, path, &args.file, json),
        // Rows for others are printed as they come.
        (None, false) if args.output.table.is_none_or(|table| table == Table::Csv) => all(&sweeping, json),
        _ => best(&sweeping, &args.output),
    }
}

/// Writes rows to a file and says how many.
fn to_file(sweeping: &Sweeping, path: &Path, args: &FileArgs, json: bool) -> Result<()> {
    let format = format(path, args)?;
    let watcher = Watcher::new(sweeping.sweep().rows())?;
    // A file that can't be is found out before a long search.
    let mut file = Output::create(path).map_err(flag("out"))?;
    let rows = watcher.watch(|watch| sweeping.write(format, &mut file, watch)).map_err(text)?;
    file.keep().map_err(flag("out"))?;
    if json {
        let out = path.display().to_string();
        return output::json(&serde_json::json!({"rows": rows, "out": out, "notes": sweeping.notes()}));
    }
    let all = sweeping.sweep().rows();
    let of = if rows == all { String::new() } else { format!(" of {all}") };
    output::tell(&format!("{rows} rows{of} in {}", path.display()));
    Ok(())
}

/// Draws rows into a file.
fn picture(sweeping: &Sweeping, plot: &str, path: &Path, json: bool) -> Result<()> {
    let plot = Plot::read(plot, sweeping).map_err(text)?;
    let watcher = Watcher::new(sweeping.sweep().rows())?;
    let rows = watcher.watch(|watch| sweeping.rows(&plot.columns(), watch)).map_err(text)?;
    output::file("svg", path, &plot.svg(&rows).map_err(text)?)?;
    if json { output::json(&rows) } else { output::print(&format!("{}: {} rows\n", path.display(), rows.count)) }
}

/// Prints the best rows, or all, as a table.
fn best(sweeping: &Sweeping, args: &ListArgs) -> Result<()> {
    let json = args.json;
    let (columns, needed) = match sweeping.asked() {
        Some(columns) => (columns.to_vec(), columns.len()),
        None if json => (sweeping.columns(), 0),
        None => show::columns(sweeping.sweep(), sweeping.orders().unwrap_or_default()),
    };
    let watcher = Watcher::new(sweeping.sweep().rows())?;
    let rows = watcher.watch(|watch| sweeping.rows(&columns, watch)).map_err(text)?;
    if json { output::json(&rows) } else { output::page(&show::table(&rows, needed), args) }
}

/// Prints all rows as they come.
fn all(sweeping: &Sweeping, json: bool) -> Result<()> {
    let format = if json { FileFormat::JsonLines } else { FileFormat::Csv };
    let mut out = watch::Stdout::default();
    let watcher = Watcher::new(sweeping.sweep().rows())?;
    // Rows and a bar would be mixed up on a terminal.
    let watcher = if std::io::stdout().is_terminal() { watcher.hidden() } else { watcher };
    let done = watcher.watch(|watch| sweeping.write(format, &mut out, watch));
    // Whoever read it had enough.
    if out.closed { Ok(()) } else { done.map(drop).map_err(text) }
}

fn format(path: &Path, args: &FileArgs) -> Result<FileFormat> {
    if path.as_os_str() == "-" {
        return Err("--out: found -, expected a file's name; rows go to stdout without --out".to_owned());
    }
    match &args.format {
        Some(name) => FileFormat::named(name).map_err(flag("format")),
        None => FileFormat::of_path(path).map_err(flag("out")),
    }
}

fn flag(name: &'static str) -> impl Fn(Error) -> String {
    move |error| format!("--{name}: {error}")
}
