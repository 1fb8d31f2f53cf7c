//! `cost sweep`

mod args;
mod show;
mod watch;

use std::io::IsTerminal;
use std::path::Path;

use cost_api::Sweeping;
use cost_models::sweep::{Error, FileFormat, Output};

use crate::failure::{Result, text};
use crate::load::Disk;
use crate::output::{self, Stderr};
use args::FileArgs;
pub(crate) use args::SweepArgs;
use watch::Watcher;

pub(crate) fn run(args: &SweepArgs) -> Result<()> {
    let sweeping = Sweeping::new(&args.request, &Disk, &Stderr).map_err(text)?;
    let json = args.output.json;
    match (&args.file.out, sweeping.orders().is_some()) {
        (Some(path), _) => to_file(&sweeping, path, &args.file, json),
        (None, true) => best(&sweeping, json),
        (None, false) => all(&sweeping, json),
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

/// Prints the best rows.
fn best(sweeping: &Sweeping, json: bool) -> Result<()> {
    let (columns, needed) = match sweeping.asked() {
        Some(columns) => (columns.to_vec(), columns.len()),
        None if json => (sweeping.columns(), 0),
        None => show::columns(sweeping.sweep(), sweeping.orders().unwrap_or_default()),
    };
    let watcher = Watcher::new(sweeping.sweep().rows())?;
    let rows = watcher.watch(|watch| sweeping.rows(&columns, watch)).map_err(text)?;
    if json { output::json(&rows) } else { output::print(&show::table(&rows, needed)) }
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
