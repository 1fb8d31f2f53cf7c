//! Arrow record batches of steps, with columns of what they cost.

mod group;
mod input;
mod known;

use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::{Field, Schema};

use self::group::groups;
use self::input::{Input, at_row};
pub use self::known::Known;
use super::chunk::Chunk;
use super::column::Column;
use super::error::Error;
use super::rows::{Rows, Selection};
use super::write::{array, failed, field, names};

/// A batch whose rows are steps, and after its own columns those of what the steps cost.
///
/// These columns say what the steps are; the batch may have others, in any order, which stay as they are.
///
/// | column | type | |
/// |---|---|---|
/// | `model` | text | the name of one of the models that are `known`, or of a built-in one |
/// | `hardware` | text | likewise; needed for columns of time and of what fits |
/// | `phase` | text | `prefill` or `decode`; if there is no such column, `decode` |
/// | `weights`, `acts`, `cache` | text | number formats; null, or no such column: what the model has |
/// | `batch` | integer | sequences, at least 1 |
/// | `tokens` | integer | new tokens of each, at least 1; if there is no such column, 1, in decode steps only |
/// | `past` | integer | cached tokens of each; if there is no such column, 0, in prefill steps only |
///
/// Texts may be of any Arrow type of strings, or dictionaries of them; integers of any width, less than 2^53. Columns of
/// numbers come back as `Float64`, of sizes as `UInt64`, of names as dictionaries of `Utf8`, and `fits` as `Boolean`. What
/// a row costs doesn't depend on the others, not even in its last bit.
///
/// Logits are those of the last token.
///
/// Plans are compiled once for each combination of names and kept in `known`, which threads can share: then a row takes
/// some hundred nanoseconds.
///
/// An error if a column is missing, has another type, or holds a name or a size that can't be; it says which row.
pub fn with_costs(batch: &RecordBatch, columns: &[Column], known: &Known) -> Result<RecordBatch, Error> {
    Column::each_once(columns)?;
    for column in columns {
        if batch.schema_ref().column_with_name(column.name()).is_some() {
            return Err(Error::Column {
                name: column.name().to_owned(),
                message: "the batch has it already".to_owned(),
            });
        }
    }
    let mut rows = Rows::none(columns);
    // At least one part, so that columns of the wrong type are errors in an empty batch too.
    for start in (0..batch.num_rows().max(1)).step_by(PART) {
        let part = batch.slice(start, PART.min(batch.num_rows() - start));
        let costs = costs(&part, columns, known).map_err(|error| match error {
            Error::Row { row, error } => Error::Row { row: start + row, error },
            other => other,
        });
        rows.append(costs?);
    }
    let mut fields: Vec<Arc<Field>> = batch.schema_ref().fields().iter().cloned().collect();
    let mut arrays = batch.columns().to_vec();
    for (column, values) in rows.columns {
        let all = names(&values);
        fields.push(Arc::new(field(column)));
        arrays.push(array(values, &all)?);
    }
    let schema = Schema::new_with_metadata(fields, batch.schema_ref().metadata().clone());
    RecordBatch::try_new(Arc::new(schema), arrays).map_err(failed)
}

/// Rows that are grouped and evaluated together: few enough to stay in the cache.
const PART: usize = 1 << 14;

/// What the steps of a part cost.
fn costs(part: &RecordBatch, columns: &[Column], known: &Known) -> Result<Rows, Error> {
    let input = Input::read(part, columns)?;
    let groups = groups(&input);
    let mut costs = Rows::zeros(columns, input.rows);
    for group in &groups {
        let case = input.case(group.first)?;
        let sizes = input.sizes(group);
        let compiled = known.compiled(&case, columns).map_err(|error| at_row(group.first, error))?;
        let chunk = Chunk {
            setting: &compiled.setting,
            device: compiled.device.as_ref(),
            phase: case.phase,
            first: 0,
            rows: sizes[0].len(),
            base: compiled.evaluator.at(&sizes)?,
            sizes,
        };
        let found = Rows::of(&chunk, columns, &Selection::All(chunk.rows));
        match &group.rows {
            None => return Ok(found),
            Some(places) => costs.place(found, places),
        }
    }
    Ok(costs)
}
