//! A sweep in files of every format, read back by each format's own reader.

use std::fs::File;
use std::path::{Path, PathBuf};

use arrow_array::RecordBatch;
use arrow_ipc::reader::FileReader;
use cost_core::format::Format;
use cost_core::{Options, hardware};
use cost_models::sweep::{
    Column, FileFormat, FormatChoices, Grid, Kind, Order, Output, Query, Rows, Setting, Sweep, Watch, top, write,
    write_rows,
};
use cost_models::{Logits, Phase, catalogue};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::setup::{Cell, batch_cells, cells, number};

const FORMATS: [FileFormat; 4] = [FileFormat::Csv, FileFormat::JsonLines, FileFormat::Arrow, FileFormat::Parquet];

fn sweep(models: &[&str], on: &[&str], batch: &str, past: &str) -> Sweep {
    let choices = FormatChoices { cache: ["bf16", "int8"].map(Format::known).to_vec(), ..FormatChoices::default() };
    let settings = models
        .iter()
        .flat_map(|name| Setting::each(&catalogue::find(name).unwrap(), &choices, &Options::default()).unwrap());
    let devices = on.iter().map(|name| hardware::find(name).unwrap());
    let [batch, tokens, past] = [batch, "1", past].map(|axis| axis.parse().unwrap());
    let grid = Grid { phase: Phase::Decode, logits: Logits::Last, batch, tokens, past };
    Sweep::new(settings.collect(), devices.collect(), grid).unwrap()
}

/// A file of that name, which is there only if `fill` did well.
fn file(name: &str, fill: impl FnOnce(&mut Output)) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let mut file = Output::create(&path).unwrap();
    fill(&mut file);
    file.keep().unwrap();
    path
}

/// The names of the columns in a file, but for JSON lines, and its rows.
fn read(format: FileFormat, path: &Path, columns: &[Column]) -> (Vec<String>, Vec<Vec<Cell>>) {
    match format {
        FileFormat::Csv => {
            let mut reader = csv::Reader::from_path(path).unwrap();
            let names = reader.headers().unwrap().iter().map(str::to_owned).collect();
            let cell = |(column, text): (&Column, &str)| match column.kind() {
                Kind::Text => Cell::Text(text.to_owned()),
                Kind::Whole => Cell::Whole(text.parse().unwrap()),
                Kind::Number => number(text.parse().unwrap()),
                Kind::Truth => Cell::Truth(text.parse().unwrap()),
            };
            let rows = reader.records().map(|row| columns.iter().zip(row.unwrap().iter()).map(cell).collect());
            (names, rows.collect())
        }
        FileFormat::JsonLines => {
            let text = std::fs::read_to_string(path).unwrap();
            let row = |line: &str| {
                let object: serde_json::Value = serde_json::from_str(line).unwrap();
                assert_eq!(object.as_object().unwrap().len(), columns.len());
                let cell = |column: &Column| {
                    let value = &object[column.name()];
                    match column.kind() {
                        Kind::Text => Cell::Text(value.as_str().unwrap().to_owned()),
                        Kind::Whole => Cell::Whole(value.as_u64().unwrap()),
                        Kind::Number => {
                            assert!(value.is_number());
                            number(json_number(line, column.name()))
                        }
                        Kind::Truth => Cell::Truth(value.as_bool().unwrap()),
                    }
                };
                columns.iter().map(cell).collect()
            };
            (columns.iter().map(|column| column.name().to_owned()).collect(), text.lines().map(row).collect())
        }
        FileFormat::Arrow => {
            let reader = FileReader::try_new(File::open(path).unwrap(), None).unwrap();
            let names = reader.schema().fields().iter().map(|field| field.name().clone()).collect();
            (names, batch_cells(&reader.map(Result::unwrap).collect::<Vec<RecordBatch>>()))
        }
        FileFormat::Parquet => {
            let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(path).unwrap()).unwrap();
            let names = reader.schema().fields().iter().map(|field| field.name().clone()).collect();
            (names, batch_cells(&reader.build().unwrap().map(Result::unwrap).collect::<Vec<RecordBatch>>()))
        }
    }
}

/// The number of a field. `serde_json` reads numbers to the last bit but one.
fn json_number(line: &str, key: &str) -> f64 {
    let (_, rest) = line.split_once(&format!("\"{key}\":")).unwrap();
    rest[..rest.find([',', '}']).unwrap()].parse().unwrap()
}

/// What all formats hold of a sweep, which is the same.
fn written(name: &str, sweep: &Sweep, columns: &[Column], condition: Option<&str>) -> Vec<Vec<Cell>> {
    let condition = condition.map(|text| Query::condition(text).unwrap());
    let mut found: Option<Vec<Vec<Cell>>> = None;
    for format in FORMATS {
        let mut count = 0;
        let path = file(&format!("{name}.{format:?}"), |file| {
            count = write(sweep, columns, condition.as_ref(), format, file, Watch::NOBODY).unwrap();
        });
        let (names, rows) = read(format, &path, columns);
        assert!(names.iter().eq(columns.iter().map(|column| column.name())), "{format:?}: {names:?}");
        assert_eq!(rows.len() as u64, count, "{format:?}");
        assert!(found.is_none_or(|before| before == rows), "{format:?}");
        found = Some(rows);
    }
    found.unwrap()
}

#[test]
fn all_formats_hold_the_same() {
    let sweep = sweep(&["llama-3.2-1b", "qwen3-30b-a3b"], &["h100", "l4"], "1..=8:*2", "0..=2000:1000");
    let columns = sweep.columns();
    assert_eq!(columns, Column::ALL);
    let rows = written("all", &sweep, &columns, None);
    assert_eq!(rows.len(), 2 * 2 * 2 * 4 * 3);
    let some = written("some", &sweep, &columns, Some("batch == 4 && fits || past > 1500 && cache == \"int8\""));
    let holds = |row: &&Vec<Cell>| {
        let at = |column| &row[columns.iter().position(|it| *it == column).unwrap()];
        let fits = *at(Column::Batch) == Cell::Whole(4) && *at(Column::Fits) == Cell::Truth(true);
        fits || *at(Column::Past) == Cell::Whole(2000) && *at(Column::Cache) == Cell::Text("int8".to_owned())
    };
    assert_eq!(some, rows.iter().filter(holds).cloned().collect::<Vec<_>>());
}

#[test]
fn no_rows_are_a_file_too() {
    let sweep = sweep(&["llama-3.2-1b"], &["h100"], "1..=8", "0..=2000");
    assert!(written("none", &sweep, &sweep.columns(), Some("batch > 8")).is_empty());
    let by = Order::parse("batch").unwrap();
    let never = Query::condition("bytes < 0").unwrap();
    let rows = top(&sweep, 3, &by, Some(&never), &sweep.columns(), Watch::NOBODY).unwrap();
    assert!(best("none_best", &sweep, &rows).is_empty());
}

/// What all formats hold of some rows.
fn best(name: &str, sweep: &Sweep, rows: &Rows) -> Vec<Vec<Cell>> {
    let columns: Vec<Column> = rows.columns.iter().map(|(column, _)| *column).collect();
    for format in FORMATS {
        let path = file(&format!("{name}.{format:?}"), |file| write_rows(sweep, rows.clone(), format, file).unwrap());
        assert_eq!(read(format, &path, &columns).1, cells(rows), "{format:?}");
    }
    cells(rows)
}

#[test]
fn the_best_rows_are_written_alike() {
    let sweep = sweep(&["llama-3.2-1b", "qwen3-0.6b"], &["h100", "l4"], "1..=40", "0..=2000:100");
    let by = Order::parse("tokens_per_s").unwrap();
    let rows = top(&sweep, 50, &by, None, &sweep.columns(), Watch::NOBODY).unwrap();
    assert_eq!(best("best", &sweep, &rows).len(), 50);
}

/// More rows than a row group of a Parquet file has, in order.
#[test]
fn long_files_stay_in_order() {
    let sweep = sweep(&["llama-3.2-1b"], &[], "1..=150", "0..2000");
    let columns = [Column::Cache, Column::Batch, Column::Past];
    let expected = |holds: &dyn Fn(u64, u64) -> bool| {
        let mut rows = Vec::new();
        for cache in ["bf16", "int8"] {
            for (batch, past) in (1..=150).flat_map(|batch| (0..2000).map(move |past| (batch, past))) {
                if holds(batch, past) {
                    rows.push(vec![Cell::Text(cache.to_owned()), Cell::Whole(batch), Cell::Whole(past)]);
                }
            }
        }
        rows
    };
    assert!(written("long", &sweep, &columns, None) == expected(&|_, _| true));
    let groups = ParquetRecordBatchReaderBuilder::try_new(
        File::open(Path::new(env!("CARGO_TARGET_TMPDIR")).join("long.Parquet")).unwrap(),
    );
    let groups: Vec<i64> = groups
        .unwrap()
        .metadata()
        .row_groups()
        .iter()
        .map(parquet::file::metadata::RowGroupMetaData::num_rows)
        .collect();
    assert!(groups.len() > 1 && groups.iter().all(|rows| (1..1 << 19).contains(rows)), "{groups:?}");
    // Chunks that all rows are taken from, few, and none.
    let condition = "batch < 40 || past == 7 && batch < 80 || batch > 90 && batch < 130 || batch == 150 && past < 3";
    let holds =
        |batch, past| batch < 40 || past == 7 && batch < 80 || (91..130).contains(&batch) || batch == 150 && past < 3;
    assert!(written("parts", &sweep, &columns, Some(condition)) == expected(&holds));
}

/// A file by columns with a batch for each short chunk would be mostly headings.
#[test]
fn short_chunks_share_a_batch() {
    let batches = |name: &str, sweep: &Sweep, condition: Option<&str>| {
        let condition = condition.map(|text| Query::condition(text).unwrap());
        let path = file(name, |file| {
            write(sweep, &[Column::Model, Column::Batch], condition.as_ref(), FileFormat::Arrow, file, Watch::NOBODY)
                .unwrap();
        });
        FileReader::try_new(File::open(path).unwrap(), None).unwrap().num_batches()
    };
    let short = sweep(&["llama-3.2-1b", "llama-3.2-3b", "qwen3-0.6b"], &["h100", "l4"], "1,2", "0");
    assert_eq!(batches("short.arrow", &short, None), 1);
    let long = sweep(&["llama-3.2-1b"], &[], "1..=1000", "0..=200");
    assert_eq!(batches("seldom.arrow", &long, Some("past == 100")), 1);
}
