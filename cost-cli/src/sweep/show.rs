//! The best rows as a table.

use cost_models::sweep::{Column, Kind, Order, Rows, Sweep, Values};

use crate::table;

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
pub(super) fn table(rows: &Rows, needed: usize) -> String {
    let left = rows.columns.iter().take_while(|(column, _)| column.kind() == Kind::Text).count();
    let columns = rows.columns.iter().map(|(column, values)| {
        let cells = (0..rows.count).map(|row| cell(*column, values, row));
        core::iter::once(column.name().to_owned()).chain(cells).collect()
    });
    table::fitting(&columns.collect::<Vec<_>>(), left, needed)
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
