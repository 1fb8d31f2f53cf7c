//! The rows of a sweep as lines.

mod svg;

use cost_models::sweep::{Column, Kind, Rows, Values};

use crate::error::{Error, Result};
use crate::sweep::Sweeping;

/// The most lines.
const LINES: usize = 24;

/// What of a sweep is drawn: one column over another, in a line for each value of further ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plot {
    y: Column,
    x: Column,
    series: Vec<Column>,
    /// What else differs between rows.
    others: Vec<Column>,
}

/// A line: what it is called, and its points from left to right.
struct Line {
    name: String,
    points: Vec<(f64, f64)>,
}

impl Plot {
    /// Reads `Y:X[:SERIES]`, as in `tokens_per_s:batch:model`: the names of columns of a sweep, of SERIES several joined by `+`. Without
    /// SERIES each combination of what differs between rows otherwise is a line.
    pub fn read(text: &str, sweeping: &Sweeping) -> Result<Self> {
        let wrong = || {
            let found = format!("`{}`", cost_core::text::short(text, 100));
            Error::found("plot", found, "Y:X or Y:X:SERIES with columns, as in tokens_per_s:batch:model")
        };
        let parts: Vec<&str> = text.split(':').map(str::trim).collect();
        let (y, x, series) = match parts[..] {
            [y, x] => (y, x, None),
            [y, x, series] => (y, x, Some(series)),
            _ => return Err(wrong()),
        };
        let column = |name: &str| {
            let column = Column::named(name).map_err(|error| Error::from(error).of("plot"))?;
            sweeping.sweep().has(column).map_err(|error| Error::from(error).of("plot"))?;
            Ok::<_, Error>(column)
        };
        let number = |name: &str| {
            let column = column(name)?;
            match column.kind() {
                Kind::Whole | Kind::Number => Ok(column),
                Kind::Text | Kind::Truth => Err(Error::found("plot", name, "a column of numbers along an axis")),
            }
        };
        let (y, x) = (number(y)?, number(x)?);
        let varying = sweeping.sweep().varying();
        let series = match series {
            Some(names) => names.split('+').map(|name| column(name.trim())).collect::<Result<Vec<_>>>()?,
            // Along an axis of sizes a line has one point for each of them; along anything else sizes are points of it.
            None => varying
                .iter()
                .copied()
                .filter(|column| *column != x && (varying.contains(&x) || column.kind() == Kind::Text))
                .collect(),
        };
        let all: Vec<Column> = [y, x].iter().chain(&series).copied().collect();
        Column::each_once(&all).map_err(|error| Error::from(error).of("plot"))?;
        let others = varying.into_iter().filter(|column| !all.contains(column)).collect();
        Ok(Self { y, x, series, others })
    }

    /// The columns that it is made of.
    pub fn columns(&self) -> Vec<Column> {
        [self.y, self.x].iter().chain(&self.series).copied().collect()
    }

    /// The picture of rows that have these [columns](Self::columns). An error if there is nothing to draw, too many lines, or
    /// several values at one place of a line.
    pub fn svg(&self, rows: &Rows) -> Result<String> {
        Ok(svg::svg(self, &self.lines(rows)?))
    }

    fn lines(&self, rows: &Rows) -> Result<Vec<Line>> {
        let values = |column: Column| {
            let found = rows.columns.iter().find(|(known, _)| *known == column).map(|(_, values)| values);
            found.ok_or_else(|| Error::found("plot", format_args!("rows without {}", column.name()), "all its columns"))
        };
        let (x, y) = (values(self.x)?, values(self.y)?);
        let series = self.series.iter().map(|column| Ok((*column, values(*column)?))).collect::<Result<Vec<_>>>()?;
        let mut lines: Vec<Line> = Vec::new();
        for row in 0..rows.count {
            let name: Vec<String> = series.iter().map(|(column, values)| named(*column, values, row)).collect();
            let (name, point) = (name.join(", "), (number(x, row), number(y, row)));
            if !(point.0.is_finite() && point.1.is_finite()) {
                continue;
            }
            match lines.iter().position(|line| line.name == name) {
                Some(at) => lines[at].points.push(point),
                None if lines.len() == LINES => {
                    let expected = format!("at most {LINES}; leave out some with --where");
                    return Err(Error::found("plot", format_args!("more than {LINES} lines"), expected));
                }
                None => lines.push(Line { name, points: vec![point] }),
            }
        }
        if lines.is_empty() {
            return Err(Error::found("plot", "no rows", "some that have both numbers"));
        }
        for line in &mut lines {
            line.points.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
            line.points.dedup();
            if let Some(twice) = line.points.windows(2).find(|two| two[0].0.total_cmp(&two[1].0).is_eq()) {
                return Err(self.several(line, twice[0].0));
            }
        }
        Ok(lines)
    }

    /// What is wrong with a line that has several values at one place.
    fn several(&self, line: &Line, at: f64) -> Error {
        let (y, x) = (self.y.name(), self.x.name());
        let of = if line.name.is_empty() { String::new() } else { format!(" of {}", line.name) };
        let all: Vec<&str> = self.series.iter().chain(&self.others).map(|column| column.name()).collect();
        let found = format!("several values of {y} at {x} = {at}{of}");
        let expected = if self.others.is_empty() {
            "one, as --where can leave".to_owned()
        } else {
            format!("a line for each, as in {y}:{x}:{}", all.join("+"))
        };
        Error::found("plot", found, expected)
    }
}

fn number(values: &Values, row: usize) -> f64 {
    match values {
        Values::Whole(all) => all[row] as f64,
        Values::Number(all) => all[row],
        Values::Text { .. } | Values::Truth(_) => f64::NAN,
    }
}

/// A value as part of a line's name.
fn named(column: Column, values: &Values, row: usize) -> String {
    match values {
        Values::Text { names, rows } => names[rows[row] as usize].clone(),
        Values::Whole(all) => format!("{} {}", column.name(), all[row]),
        Values::Number(all) => format!("{} {}", column.name(), all[row]),
        Values::Truth(all) => format!("{}{}", if all[row] { "" } else { "not " }, column.name()),
    }
}
