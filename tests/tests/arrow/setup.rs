//! Rows of sweeps, and arrays, as values that can be compared.

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, UInt64Type};
use arrow_array::{Array, RecordBatch};
use arrow_schema::DataType;
use cost_models::sweep::{Rows, Values};

/// A value of a row.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Cell {
    Text(String),
    Whole(u64),
    /// The bits of a number.
    Number(u64),
    Truth(bool),
}

pub(crate) fn number(n: f64) -> Cell {
    Cell::Number(n.to_bits())
}

/// All rows, a vector of values each.
pub(crate) fn cells(rows: &Rows) -> Vec<Vec<Cell>> {
    let cell = |values: &Values, row: usize| match values {
        Values::Text { names, rows } => Cell::Text(names[rows[row] as usize].clone()),
        Values::Whole(all) => Cell::Whole(all[row]),
        Values::Number(all) => number(all[row]),
        Values::Truth(all) => Cell::Truth(all[row]),
    };
    (0..rows.count).map(|row| rows.columns.iter().map(|(_, values)| cell(values, row)).collect()).collect()
}

/// A value of an array, of the types that costs have but for dictionaries.
fn at(array: &dyn Array, row: usize) -> Cell {
    assert!(!array.is_null(row));
    match array.data_type() {
        DataType::Utf8 => Cell::Text(array.as_string::<i32>().value(row).to_owned()),
        DataType::UInt64 => Cell::Whole(array.as_primitive::<UInt64Type>().value(row)),
        DataType::Float64 => number(array.as_primitive::<Float64Type>().value(row)),
        DataType::Boolean => Cell::Truth(array.as_boolean().value(row)),
        other => panic!("{other}"),
    }
}

/// The rows of batches.
pub(crate) fn batch_cells(batches: &[RecordBatch]) -> Vec<Vec<Cell>> {
    let rows = |batch: &RecordBatch| {
        let columns: Vec<Vec<Cell>> = batch.columns().iter().map(|column| column_cells(column)).collect();
        (0..batch.num_rows()).map(|row| columns.iter().map(|column| column[row].clone()).collect()).collect::<Vec<_>>()
    };
    batches.iter().flat_map(rows).collect()
}

/// All values of an array.
pub(crate) fn column_cells(array: &dyn Array) -> Vec<Cell> {
    match array.data_type() {
        DataType::Dictionary(_, _) if array.is_empty() => Vec::new(),
        DataType::Dictionary(_, _) => {
            let dictionary = array.as_any_dictionary();
            let names = dictionary.values().as_string::<i32>();
            dictionary.normalized_keys().iter().map(|key| Cell::Text(names.value(*key).to_owned())).collect()
        }
        _ => (0..array.len()).map(|row| at(array, row)).collect(),
    }
}
