//! The best rows as a table.

use cost_models::sweep::{Column, Kind, Order, Rows, Sweep, Values};

use crate::cell::Cell;
use crate::page::{Page, fitting};

/// The columns of a table, and how many of them are needed: those that tell rows apart and what they are ordered by.
pub(super) fn columns(sweep: &Sweep, by: &[Order]) -> (Vec<Column>, usize) {
    let mut found = sweep.varying();
    if found.is_empty() {
        found.push(Column::Model);
    }
    let mut add = |columns: &mut dyn Iterator<Item = Column>| {
        for column in columns.filter(|column| sweep.has(*column).is_ok()) {
            if !found.contains(&column) {
                found.push(column);
            }
        }
        found.len()
    };
    let needed = add(&mut by.iter().flat_map(|by| by.amount().columns()));
    add(&mut NEXT.iter().copied());
    (found, needed)
}

/// What a reader asks next, the first of it most of all.
const NEXT: &[Column] =
    &[Column::LowerBoundS, Column::Bound, Column::TokensPerS, Column::MemoryBytes, Column::Fits, Column::Bytes];

/// Rows as a table without its last columns if it is too wide; the first `needed` are there in any case.
pub(super) fn table(rows: &Rows, needed: usize) -> Page {
    let left = rows.columns.iter().take_while(|(column, _)| column.kind() == Kind::Text).count();
    let headings = rows.columns.iter().map(|(column, _)| column.name().to_owned()).collect();
    let row = |row| rows.columns.iter().map(|(column, values)| cell(*column, values, row)).collect();
    fitting(headings, left, needed, (0..rows.count).map(row).collect())
}

fn cell(column: Column, values: &Values, row: usize) -> Cell {
    match values {
        Values::Text { names, rows } => {
            let name = names[rows[row] as usize].as_str();
            if column == Column::Bound { Cell::bound(name, name) } else { name.into() }
        }
        Values::Whole(all) => all[row].to_string().into(),
        Values::Number(all) if !all[row].is_finite() => Cell::new("–", ""),
        Values::Number(all) if column.name().ends_with("_s") && column != Column::TokensPerS => Cell::seconds(all[row]),
        Values::Number(all) => Cell::si(all[row]),
        Values::Truth(all) => Cell::verdict(all[row], if all[row] { "yes" } else { "no" }),
    }
}
