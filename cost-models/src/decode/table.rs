//! Tables with named columns, as CSV.

use std::collections::HashSet;
use std::str::FromStr;

use csv::{ReaderBuilder, StringRecord, Trim};

use crate::error::Error;

/// Most lines of a table.
const MOST_LINES: usize = 1 << 20;

/// The lines of a table, by the columns that are asked for.
pub(super) struct Table {
    columns: Vec<Option<usize>>,
    names: &'static [&'static str],
    records: Vec<(u64, StringRecord)>,
}

/// One line of a table.
pub(super) struct Line<'t> {
    table: &'t Table,
    /// Its number in the text, from 1 on.
    pub(super) number: u64,
    record: &'t StringRecord,
}

impl Table {
    /// Reads a table whose first line names the columns. Columns may come in any order; of those asked for, all but the
    /// `optional` ones must be there, and no others.
    pub(super) fn read(text: &str, names: &'static [&'static str], optional: &[&str]) -> Result<Self, Error> {
        let mut reader = ReaderBuilder::new().trim(Trim::All).comment(Some(b'#')).from_reader(text.as_bytes());
        let headings = reader.headers().map_err(|error| wrong(&error))?.clone();
        let expected = format!("a line that names the columns {}", names.join(", "));
        let at = |name: &str| headings.iter().position(|heading| heading == name);
        let missing = names.iter().any(|name| at(name).is_none() && !optional.contains(name));
        let unknown = headings.iter().any(|heading| !names.contains(&heading));
        if missing || unknown {
            let found = headings.iter().collect::<Vec<_>>().join(", ");
            let found = if found.is_empty() { "nothing" } else { &found };
            return Err(Error::field("line 1", found, &expected));
        }
        let mut known = HashSet::new();
        if let Some(heading) = headings.iter().find(|heading| !known.insert(*heading)) {
            return Err(Error::field("line 1", format!("{heading} twice"), "each heading once"));
        }
        let records = reader.records().enumerate().map(|(i, record)| {
            if i == MOST_LINES {
                return Err(Error::field("lines", "more", format!("at most {MOST_LINES}")));
            }
            let record = record.map_err(|error| wrong(&error))?;
            Ok((record.position().map_or(0, csv::Position::line), record))
        });
        let records = records.collect::<Result<Vec<_>, Error>>()?;
        if records.is_empty() {
            return Err(Error::field("line 2", "nothing", "at least one line under the headings"));
        }
        Ok(Self { columns: names.iter().map(|name| at(name)).collect(), names, records })
    }

    /// Its lines.
    pub(super) fn lines(&self) -> impl Iterator<Item = Line<'_>> {
        self.records.iter().map(|(number, record)| Line { table: self, number: *number, record })
    }
}

impl<'t> Line<'t> {
    /// The text in a column; empty if the table has no such column.
    pub(super) fn text(&self, name: &str) -> &'t str {
        let column = self.table.names.iter().position(|own| *own == name).and_then(|own| self.table.columns[own]);
        column.and_then(|column| self.record.get(column)).unwrap_or_default()
    }

    /// What a column holds, if it can be read and is right.
    pub(super) fn value<T: FromStr>(&self, name: &str, expected: &str, right: fn(&T) -> bool) -> Result<T, Error> {
        let text = self.text(name);
        text.parse().ok().filter(right).ok_or_else(|| self.wrong(name, text, expected))
    }

    /// The error that a column holds something else than what would do.
    pub(super) fn wrong(&self, name: &str, found: &str, expected: &str) -> Error {
        let found = if found.is_empty() { "nothing".to_owned() } else { format!("`{found}`") };
        Error::field(&format!("line {}, {name}", self.number), found, expected)
    }
}

fn wrong(error: &csv::Error) -> Error {
    let line = error.position().map_or(1, csv::Position::line);
    let (found, expected) = match error.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            (format!("{len} columns"), format!("{expected_len}, as in line 1"))
        }
        _ => (error.to_string(), "comma-separated values".to_owned()),
    };
    Error::field(&format!("line {line}"), found, &expected)
}
