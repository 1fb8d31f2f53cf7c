//! Rows as text: CSV and JSON lines.

use std::io::Write;

use super::super::column::Column;
use super::super::rows::{Rows, Values, whole};

/// The first line of a CSV file.
pub(super) fn heading(columns: &[Column]) -> String {
    columns.iter().map(|column| column.name()).collect::<Vec<_>>().join(",") + "\n"
}

/// Rows as lines of comma-separated values. A number that there isn't is an empty field.
pub(super) fn csv(rows: &Rows) -> Vec<u8> {
    let columns: Vec<Text<'_>> = rows.columns.iter().map(|(_, values)| Text::of(values, quoted)).collect();
    lines(rows, |line, row| {
        for (i, column) in columns.iter().enumerate() {
            if i > 0 {
                line.push(b',');
            }
            column.write(line, row, "");
        }
    })
}

/// Rows as JSON objects, one a line. A number that there isn't is `null`.
pub(super) fn json_lines(rows: &Rows) -> Vec<u8> {
    let string = |name: &str| serde_json::Value::from(name).to_string();
    let columns: Vec<Text<'_>> = rows.columns.iter().map(|(_, values)| Text::of(values, string)).collect();
    let names = rows.columns.iter().map(|(column, _)| column.name());
    let keys: Vec<String> =
        names.enumerate().map(|(i, name)| format!("{}\"{name}\":", if i > 0 { "," } else { "{" })).collect();
    lines(rows, |line, row| {
        for (key, column) in keys.iter().zip(&columns) {
            line.extend_from_slice(key.as_bytes());
            column.write(line, row, "null");
        }
        line.push(b'}');
    })
}

fn lines(rows: &Rows, write: impl Fn(&mut Vec<u8>, usize)) -> Vec<u8> {
    // Some 12 characters for each value.
    let mut text = Vec::with_capacity(rows.count * (2 + 12 * rows.columns.len()));
    for row in 0..rows.count {
        write(&mut text, row);
        text.push(b'\n');
    }
    text
}

/// A column whose names are as they are written.
enum Text<'v> {
    Names(Vec<String>, &'v [u32]),
    Whole(&'v [u64]),
    Number(&'v [f64]),
    Truth(&'v [bool]),
}

impl<'v> Text<'v> {
    fn of(values: &'v Values, name: impl Fn(&str) -> String) -> Self {
        match values {
            Values::Text { names, rows } => Self::Names(names.iter().map(|it| name(it)).collect(), rows),
            Values::Whole(all) => Self::Whole(all),
            Values::Number(all) => Self::Number(all),
            Values::Truth(all) => Self::Truth(all),
        }
    }

    fn write(&self, line: &mut Vec<u8>, row: usize, nothing: &str) {
        // Writing to memory doesn't fail.
        let _ = match self {
            Self::Names(names, rows) => line.write_all(names[rows[row] as usize].as_bytes()),
            Self::Whole(all) => write!(line, "{}", all[row]),
            Self::Number(all) if !all[row].is_finite() => line.write_all(nothing.as_bytes()),
            Self::Number(all) => number(line, all[row]),
            Self::Truth(all) => write!(line, "{}", all[row]),
        };
    }
}

/// The shortest number that reads back as the same; whole ones without a point.
fn number(line: &mut Vec<u8>, n: f64) -> std::io::Result<()> {
    if let Some(n) = whole(n) {
        return write!(line, "{n}");
    }
    // Tiny and huge numbers have exponents.
    if (1e-5..1e16).contains(&n.abs()) { write!(line, "{n}") } else { write!(line, "{n:e}") }
}

/// A name as a field: in quotes if it has to be.
fn quoted(name: &str) -> String {
    if name.contains([',', '"', '\n', '\r']) { format!("\"{}\"", name.replace('"', "\"\"")) } else { name.to_owned() }
}
