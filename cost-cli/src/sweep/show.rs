//! The best rows as a table and as JSON.

use cost_models::sweep::{Column, Kind, Order, Rows, Sweep, Values};
use serde_json::{Map, Number, Value};

use crate::table;

/// The columns of a table: those that tell rows apart, what they are ordered by, and what a reader asks next.
pub(super) fn columns(sweep: &Sweep, by: &[Order]) -> Vec<Column> {
    let mut found = sweep.varying();
    if found.is_empty() {
        found.push(Column::Model);
    }
    let ordered = by.iter().flat_map(|by| by.amount().columns());
    let next = [Column::LowerBoundS, Column::Bound, Column::TokensPerS, Column::Bytes, Column::MemoryBytes];
    for column in ordered.chain(next).filter(|column| sweep.has(*column).is_ok()) {
        if !found.contains(&column) && found.len() < MOST {
            found.push(column);
        }
    }
    found
}

/// More columns than that don't fit a table.
const MOST: usize = 9;

/// Rows as a table.
pub(super) fn table(rows: &Rows) -> String {
    let headings: Vec<&str> = rows.columns.iter().map(|(column, _)| column.name()).collect();
    let left = rows.columns.iter().take_while(|(column, _)| column.kind() == Kind::Text).count();
    let cells = (0..rows.count)
        .map(|row| rows.columns.iter().map(|(column, values)| cell(*column, values, row)).collect::<Vec<_>>());
    table::table(table::headings(&headings), left, cells)
}

fn cell(column: Column, values: &Values, row: usize) -> String {
    match values {
        Values::Text { names, rows } => names[rows[row] as usize].clone(),
        Values::Whole(all) => all[row].to_string(),
        Values::Number(all) if !all[row].is_finite() => "–".to_owned(),
        Values::Number(all) if column.name().ends_with("_s") && column != Column::TokensPerS => {
            table::seconds(all[row])
        }
        Values::Number(all) => table::si(all[row]),
        Values::Truth(all) => if all[row] { "yes" } else { "no" }.to_owned(),
    }
}

/// Rows as JSON objects.
pub(super) fn objects(rows: &Rows) -> Vec<Value> {
    let value = |values: &Values, row: usize| match values {
        Values::Text { names, rows } => Value::from(names[rows[row] as usize].as_str()),
        Values::Whole(all) => Value::from(all[row]),
        Values::Number(all) => number(all[row]),
        Values::Truth(all) => Value::from(all[row]),
    };
    let object = |row| {
        let fields = rows.columns.iter().map(|(column, values)| (column.name().to_owned(), value(values, row)));
        Value::Object(fields.collect::<Map<_, _>>())
    };
    (0..rows.count).map(object).collect()
}

/// A JSON number without a point where it is whole; null where there is none.
fn number(n: f64) -> Value {
    /// Whole numbers up to here are exact.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if n.fract() == 0.0 && (0.0..EXACT).contains(&n) {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "it is whole, not negative, and fits"
        )]
        return Value::from(n as u64);
    }
    Number::from_f64(n).map_or(Value::Null, Value::Number)
}
