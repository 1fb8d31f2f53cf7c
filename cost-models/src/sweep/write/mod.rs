//! Rows into files.

#[cfg(feature = "arrow")]
mod arrow;
mod file;
mod text;

use std::io::Write;
use std::path::Path;

#[cfg(feature = "arrow")]
use arrow_array::RecordBatch;

use super::chunk::Chunk;
use super::column::Column;
use super::error::Error;
use super::grid::Sweep;
use super::query::Query;
use super::rows::{Rows, selected};
use super::run::{Watch, in_order};

#[cfg(feature = "arrow")]
pub(super) use arrow::{array, failed, field, names};
pub use file::Output;

/// How rows are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileFormat {
    /// Comma-separated values, with a line of names.
    Csv,
    /// A JSON object for each row, on a line of its own.
    JsonLines,
    /// An Arrow IPC file.
    #[cfg(feature = "arrow")]
    Arrow,
    /// A Parquet file.
    #[cfg(feature = "arrow")]
    Parquet,
}

impl FileFormat {
    /// By its name, or by what a file's name ends with.
    pub fn named(name: &str) -> Result<Self, Error> {
        match name.to_ascii_lowercase().as_str() {
            "csv" => Ok(Self::Csv),
            "jsonl" | "ndjson" => Ok(Self::JsonLines),
            #[cfg(feature = "arrow")]
            "arrow" | "ipc" | "feather" => Ok(Self::Arrow),
            #[cfg(feature = "arrow")]
            "parquet" => Ok(Self::Parquet),
            #[cfg(not(feature = "arrow"))]
            "arrow" | "ipc" | "feather" | "parquet" => Err(Error::Output {
                path: name.to_owned(),
                reason: "this build writes csv and jsonl only; the feature `arrow` adds arrow and parquet".to_owned(),
            }),
            _ => Err(Error::Output {
                path: name.to_owned(),
                reason: "unknown format; expected csv, jsonl, arrow or parquet".to_owned(),
            }),
        }
    }

    /// By what a file's name ends with.
    pub fn of_path(path: &Path) -> Result<Self, Error> {
        let end = path.extension().map(|end| end.to_string_lossy().into_owned());
        let error = |reason: &str| Error::Output { path: path.display().to_string(), reason: reason.to_owned() };
        match end {
            Some(end) => Self::named(&end).map_err(|named| match named {
                Error::Output { reason, .. } => error(&reason),
                other => other,
            }),
            None => {
                Err(error("its name has no ending that says the format; expected .csv, .jsonl, .arrow or .parquet"))
            }
        }
    }
}

/// Rows of one chunk: what it is computed in and encoded into should stay in the cache, but batches should not be tiny.
const fn rows(format: FileFormat) -> usize {
    match format {
        FileFormat::Csv | FileFormat::JsonLines => 1 << 11,
        #[cfg(feature = "arrow")]
        FileFormat::Arrow => 1 << 13,
        #[cfg(feature = "arrow")]
        FileFormat::Parquet => 1 << 13,
    }
}

/// Writes the rows that a condition holds for, in order, and gives back how many they were.
///
/// Rows are evaluated and encoded on all threads, a few chunks at a time, so memory doesn't grow with their number.
pub fn write(
    sweep: &Sweep,
    columns: &[Column],
    condition: Option<&Query>,
    format: FileFormat,
    to: &mut (dyn Write + Send),
    watch: Watch<'_>,
) -> Result<u64, Error> {
    let wanted = sweep.needed(columns, condition)?;
    let picked = |chunk: &Chunk<'_>| Rows::of(chunk, columns, &selected(chunk, condition));
    let mut count = 0;
    match format {
        FileFormat::Csv | FileFormat::JsonLines => {
            let encode = if format == FileFormat::Csv { text::csv } else { text::json_lines };
            if format == FileFormat::Csv {
                to.write_all(text::heading(columns).as_bytes()).map_err(file::failed)?;
            }
            let each = |chunk: &Chunk<'_>| {
                let rows = picked(chunk);
                Ok((rows.count, encode(&rows)))
            };
            in_order(sweep, &wanted, rows(format), watch, each, |(rows, text)| {
                count += rows as u64;
                to.write_all(&text).map_err(file::failed)
            })?;
        }
        #[cfg(feature = "arrow")]
        FileFormat::Arrow => {
            let layout = arrow::Layout::new(sweep, columns);
            let mut file = arrow::file(&mut *to, &layout)?;
            let take = |batch| file.write(&batch).map_err(arrow::failed);
            count = batches(sweep, (&wanted, columns), (rows(format), watch), &layout, picked, take)?;
            file.finish().map_err(arrow::failed)?;
        }
        #[cfg(feature = "arrow")]
        FileFormat::Parquet => {
            let layout = arrow::Layout::new(sweep, columns);
            let mut file = arrow::ParquetFile::new(&mut *to, &layout)?;
            let take = |batch| file.write(batch);
            count = batches(sweep, (&wanted, columns), (rows(format), watch), &layout, picked, take)?;
            file.finish()?;
        }
    }
    to.flush().map_err(file::failed)?;
    Ok(count)
}

/// Gives `take` what is `picked` of the chunks as batches, in order, and gives back how many rows they were. What is
/// picked of chunks that are short, or that a condition holds for seldom, is put together first.
#[cfg(feature = "arrow")]
fn batches(
    sweep: &Sweep,
    (wanted, columns): (&[Column], &[Column]),
    (rows, watch): (usize, Watch<'_>),
    layout: &arrow::Layout,
    picked: impl Fn(&Chunk<'_>) -> Rows + Sync,
    mut take: impl FnMut(RecordBatch) -> Result<(), Error> + Send,
) -> Result<u64, Error> {
    enum Part {
        Batch(RecordBatch),
        Few(Rows),
    }
    let each = |chunk: &Chunk<'_>| {
        let found = picked(chunk);
        Ok(if found.count < rows / 2 { Part::Few(found) } else { Part::Batch(layout.batch(found)?) })
    };
    let mut count = 0;
    let mut write = |batch: RecordBatch| {
        count += batch.num_rows() as u64;
        if batch.num_rows() > 0 { take(batch) } else { Ok(()) }
    };
    let mut waiting = Rows::none(columns);
    in_order(sweep, wanted, rows, watch, each, |part| {
        let full = match part {
            Part::Batch(batch) => Some(batch),
            Part::Few(few) => {
                waiting.append(few);
                None
            }
        };
        if full.is_some() || waiting.count >= rows {
            write(layout.batch(core::mem::replace(&mut waiting, Rows::none(columns)))?)?;
        }
        full.map_or(Ok(()), &mut write)
    })?;
    write(layout.batch(waiting)?)?;
    Ok(count)
}

/// Writes rows that are there already.
#[cfg_attr(not(feature = "arrow"), expect(clippy::needless_pass_by_value, reason = "batches take the values over"))]
pub fn write_rows(sweep: &Sweep, rows: Rows, format: FileFormat, to: &mut (dyn Write + Send)) -> Result<(), Error> {
    let columns: Vec<Column> = rows.columns.iter().map(|(column, _)| *column).collect();
    match format {
        FileFormat::Csv => {
            let text = [text::heading(&columns).as_bytes(), &text::csv(&rows)].concat();
            to.write_all(&text).map_err(file::failed)?;
        }
        FileFormat::JsonLines => to.write_all(&text::json_lines(&rows)).map_err(file::failed)?,
        #[cfg(feature = "arrow")]
        FileFormat::Arrow => {
            let layout = arrow::Layout::new(sweep, &columns);
            let mut file = arrow::file(&mut *to, &layout)?;
            file.write(&layout.batch(rows)?).map_err(arrow::failed)?;
            file.finish().map_err(arrow::failed)?;
        }
        #[cfg(feature = "arrow")]
        FileFormat::Parquet => {
            let layout = arrow::Layout::new(sweep, &columns);
            let mut file = arrow::ParquetFile::new(&mut *to, &layout)?;
            file.write(layout.batch(rows)?)?;
            file.finish()?;
        }
    }
    #[cfg(not(feature = "arrow"))]
    let _ = sweep;
    to.flush().map_err(file::failed)
}
