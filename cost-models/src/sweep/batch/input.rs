//! Reading the columns that say what the steps are.

use std::collections::HashMap;

use arrow_array::cast::AsArray;
use arrow_array::types::{Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type, UInt16Type, UInt32Type, UInt64Type};
use arrow_array::{Array, ArrowPrimitiveType, RecordBatch};
use arrow_schema::DataType;

use super::super::axis::EXACT;
use super::super::column::{Column, Needs};
use super::super::error::Error;
use crate::model::Phase;

/// What a batch says of its rows' steps.
pub(super) struct Input {
    pub(super) rows: usize,
    model: Texts,
    hardware: Option<Texts>,
    phase: Option<Texts>,
    formats: [Option<Texts>; 3],
    batch: Vec<f64>,
    tokens: Option<Vec<f64>>,
    past: Option<Vec<f64>>,
}

/// Which size is the same in all steps, so that less is left to evaluate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Shape {
    Any,
    /// Decode steps of one token.
    OneToken,
    /// Prefill steps of whole texts.
    NoPast,
}

/// A column of names.
pub(super) struct Texts {
    /// The names, each once; nothing where a row is null.
    pub(super) names: Vec<Option<String>>,
    /// An index for each row.
    pub(super) rows: Vec<u32>,
}

/// The names of one row.
pub(super) struct Case<'i> {
    pub(super) model: &'i str,
    pub(super) device: Option<&'i str>,
    pub(super) formats: [Option<&'i str>; 3],
    pub(super) phase: Phase,
    pub(super) shape: Shape,
}

impl Input {
    /// Reads a batch to which these columns are going to be added.
    pub(super) fn read(batch: &RecordBatch, wanted: &[Column]) -> Result<Self, Error> {
        let text = |column: Column| batch.column_by_name(column.name()).map(|array| texts(column, array)).transpose();
        let size = |column: Column, least: u64| {
            batch.column_by_name(column.name()).map(|array| sizes(column, array, least)).transpose()
        };
        let missing = |column: Column, why: &str| wrong(column, format!("the batch has no such column{why}"));
        let model = text(Column::Model)?.ok_or_else(|| missing(Column::Model, ""))?;
        let hardware = text(Column::Hardware)?;
        if let (None, Some(column)) = (&hardware, wanted.iter().find(|column| column.needs() != Needs::Nothing)) {
            return Err(missing(Column::Hardware, &format!(", which `{}` needs", column.name())));
        }
        let [weights, acts, cache] = FORMATS.map(text);
        Ok(Self {
            rows: batch.num_rows(),
            model,
            hardware,
            phase: text(Column::Phase)?,
            formats: [weights?, acts?, cache?],
            batch: size(Column::Batch, 1)?.ok_or_else(|| missing(Column::Batch, ""))?,
            tokens: size(Column::Tokens, 1)?,
            past: size(Column::Past, 0)?,
        })
    }

    /// The columns of names.
    pub(super) fn texts(&self) -> impl Iterator<Item = &Texts> {
        let formats = self.formats.iter().flatten();
        core::iter::once(&self.model).chain(&self.hardware).chain(&self.phase).chain(formats)
    }

    /// The names of a row.
    pub(super) fn case(&self, row: usize) -> Result<Case<'_>, Error> {
        let null = |column| at_row(row, wrong(column, "found null, expected a name".to_owned()));
        let phase = match self.phase.as_ref().map(|texts| texts.at(row)) {
            None | Some(Some("decode")) => Phase::Decode,
            Some(Some("prefill")) => Phase::Prefill,
            Some(None) => return Err(null(Column::Phase)),
            Some(Some(other)) => {
                let message = format!("found \"{other}\", expected \"prefill\" or \"decode\"");
                return Err(at_row(row, wrong(Column::Phase, message)));
            }
        };
        let (column, size) = match phase {
            Phase::Prefill => (Column::Tokens, &self.tokens),
            Phase::Decode => (Column::Past, &self.past),
        };
        if size.is_none() {
            let message = format!("the batch has no such column, which {} steps need", phase.name());
            return Err(wrong(column, message));
        }
        let device = self.hardware.as_ref().map(|texts| texts.at(row).ok_or_else(|| null(Column::Hardware)));
        Ok(Case {
            model: self.model.at(row).ok_or_else(|| null(Column::Model))?,
            device: device.transpose()?,
            formats: self.formats.each_ref().map(|texts| texts.as_ref().and_then(|texts| texts.at(row))),
            phase,
            shape: self.shape(row, phase),
        })
    }

    fn shape(&self, row: usize, phase: Phase) -> Shape {
        // Sizes are whole; tokens are at least 1, and pasts at least 0.
        let least = |sizes: &Option<Vec<f64>>, least: f64| sizes.as_ref().is_none_or(|sizes| sizes[row] <= least);
        match phase {
            Phase::Decode if least(&self.tokens, 1.0) => Shape::OneToken,
            Phase::Prefill if least(&self.past, 0.0) => Shape::NoPast,
            _ => Shape::Any,
        }
    }

    /// Numbers for the shapes of the rows, if they can differ.
    pub(super) fn shapes(&self) -> Option<Vec<u32>> {
        let prefill =
            |row: usize| self.phase.as_ref().is_some_and(|texts| texts.at(row) == Some(Phase::Prefill.name()));
        let phase = |row| if prefill(row) { Phase::Prefill } else { Phase::Decode };
        (self.tokens.is_some() || self.past.is_some() && self.phase.is_some())
            .then(|| (0..self.rows).map(|row| u32::from(self.shape(row, phase(row)) == Shape::Any)).collect())
    }

    /// Batches, new tokens and pasts of a group.
    pub(super) fn sizes(&self, group: &Group) -> [Vec<f64>; 3] {
        let of = |sizes: Option<&Vec<f64>>, otherwise: f64| match (sizes, &group.rows) {
            (Some(sizes), Some(rows)) => rows.iter().map(|row| sizes[*row]).collect(),
            (Some(sizes), None) => sizes.clone(),
            (None, rows) => vec![otherwise; rows.as_ref().map_or(self.rows, Vec::len)],
        };
        [of(Some(&self.batch), 1.0), of(self.tokens.as_ref(), 1.0), of(self.past.as_ref(), 0.0)]
    }
}

impl Texts {
    fn at(&self, row: usize) -> Option<&str> {
        self.names[self.rows[row] as usize].as_deref()
    }

    /// Rows of these names.
    fn of<'n>(all: impl Iterator<Item = Option<&'n str>>) -> Self {
        let (mut names, mut known, mut last) = (Vec::new(), HashMap::new(), None);
        let rows = all.map(|name| match last {
            // Neighbours are often alike.
            Some((before, at)) if before == name => at,
            _ => {
                let at = *known.entry(name).or_insert_with(|| {
                    names.push(name.map(str::to_owned));
                    names.len() - 1
                });
                let at = u32::try_from(at).unwrap_or(u32::MAX);
                last = Some((name, at));
                at
            }
        });
        let rows = rows.collect();
        Self { names, rows }
    }
}

fn texts(column: Column, array: &dyn Array) -> Result<Texts, Error> {
    Ok(match array.data_type() {
        DataType::Utf8 => Texts::of(array.as_string::<i32>().iter()),
        DataType::LargeUtf8 => Texts::of(array.as_string::<i64>().iter()),
        DataType::Utf8View => Texts::of(array.as_string_view().iter()),
        DataType::Null => Texts::of(core::iter::repeat_n(None, array.len())),
        DataType::Dictionary(_, _) => {
            let dictionary = array.as_any_dictionary();
            let all = texts(column, dictionary.values())?;
            if all.rows.is_empty() {
                return Ok(Texts::of(core::iter::repeat_n(None, array.len())));
            }
            let keys = dictionary.normalized_keys();
            let names = keys.iter().enumerate().map(|(row, key)| if array.is_null(row) { None } else { all.at(*key) });
            Texts::of(names)
        }
        other => return Err(wrong(column, format!("found the type {other}, expected text"))),
    })
}

fn sizes(column: Column, array: &dyn Array, least: u64) -> Result<Vec<f64>, Error> {
    fn floating<T: ArrowPrimitiveType>(array: &dyn Array, float: impl Fn(T::Native) -> f64) -> Vec<f64> {
        array.as_primitive::<T>().values().iter().map(|size| float(*size)).collect()
    }
    let found: Vec<f64> = match array.data_type() {
        DataType::Int8 => floating::<Int8Type>(array, f64::from),
        DataType::Int16 => floating::<Int16Type>(array, f64::from),
        DataType::Int32 => floating::<Int32Type>(array, f64::from),
        DataType::Int64 => floating::<Int64Type>(array, |size| size as f64),
        DataType::UInt8 => floating::<UInt8Type>(array, f64::from),
        DataType::UInt16 => floating::<UInt16Type>(array, f64::from),
        DataType::UInt32 => floating::<UInt32Type>(array, f64::from),
        DataType::UInt64 => floating::<UInt64Type>(array, |size| size as f64),
        other => return Err(wrong(column, format!("found the type {other}, expected integers"))),
    };
    let null = if array.null_count() > 0 { (0..array.len()).find(|row| array.is_null(*row)) } else { None };
    let possible = least as f64..EXACT as f64;
    let other = || found.iter().position(|size| !possible.contains(size));
    let (row, found) = match null {
        Some(row) => (row, "null".to_owned()),
        None => match other() {
            Some(row) => (row, found[row].to_string()),
            None => return Ok(found),
        },
    };
    Err(at_row(row, wrong(column, format!("found {found}, expected at least {least} and less than 2^53"))))
}

/// An error with the row that it is about.
pub(super) fn at_row(row: usize, error: Error) -> Error {
    Error::Row { row, error: Box::new(error) }
}

fn wrong(column: Column, message: String) -> Error {
    Error::Column { name: column.name().to_owned(), message }
}

/// Rows with the same names and of the same shape.
pub(super) struct Group {
    /// The first of them.
    pub(super) first: usize,
    /// All of them; nothing if that is every row of the batch.
    pub(super) rows: Option<Vec<usize>>,
}

/// The columns of number formats, in the order of [`Case::formats`].
pub(super) const FORMATS: [Column; 3] = [Column::Weights, Column::Acts, Column::Cache];
