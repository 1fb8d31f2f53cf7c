//! Rows as they are written: column by column.

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::axis::EXACT;
use super::chunk::{Chunk, case};
use super::column::{Column, Kind};
use super::error::Error;
use super::grid::Sweep;
use super::lanes::Lanes;
use super::query::Query;
use super::run::{Watch, in_order};

/// Some rows of a sweep, column by column.
#[derive(Clone, Debug, PartialEq)]
pub struct Rows {
    /// How many rows there are.
    pub count: usize,
    /// The columns and their values, in the order in which they were asked for.
    pub columns: Vec<(Column, Values)>,
}

/// The values of a column.
#[derive(Clone, Debug, PartialEq)]
pub enum Values {
    /// Names: for each row which of them it has.
    Text {
        /// The names, each once.
        names: Vec<String>,
        /// An index for each row.
        rows: Vec<u32>,
    },
    /// Whole numbers.
    Whole(Vec<u64>),
    /// Floating-point numbers.
    Number(Vec<f64>),
    /// Yes or no.
    Truth(Vec<bool>),
}

/// A number as a whole one, if it is one and exact. Text has no point then.
pub(super) fn whole(n: f64) -> Option<u64> {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is whole, not negative, and fits")]
    (n.fract() == 0.0 && (0.0..EXACT as f64).contains(&n)).then_some(n as u64)
}

/// A list of objects, with the columns in order. A number that there isn't is null.
impl Serialize for Rows {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq((0..self.count).map(|row| Row { rows: self, row }))
    }
}

struct Row<'r> {
    rows: &'r Rows,
    row: usize,
}

impl Serialize for Row<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { rows: Rows { columns, .. }, row } = *self;
        let mut object = serializer.serialize_map(Some(columns.len()))?;
        for (column, values) in columns {
            let key = column.name();
            match values {
                Values::Text { names, rows } => object.serialize_entry(key, &names[rows[row] as usize])?,
                Values::Whole(all) => object.serialize_entry(key, &all[row])?,
                Values::Number(all) => match whole(all[row]) {
                    Some(n) => object.serialize_entry(key, &n)?,
                    None => object.serialize_entry(key, &Some(all[row]).filter(|n| n.is_finite()))?,
                },
                Values::Truth(all) => object.serialize_entry(key, &all[row])?,
            }
        }
        object.end()
    }
}

/// Some of a chunk's rows.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Selection {
    /// So many, which are all.
    All(usize),
    /// Those with these indices.
    Some(Vec<usize>),
}

/// The rows of a chunk that a condition holds for.
pub(super) fn selected(chunk: &Chunk<'_>, condition: Option<&Query>) -> Selection {
    match condition.map(|condition| condition.holds(chunk)) {
        None | Some(Lanes::Same(true)) => Selection::All(chunk.rows),
        Some(Lanes::Same(false)) => Selection::Some(Vec::new()),
        Some(Lanes::Each(holds)) => Selection::Some((0..chunk.rows).filter(|row| holds[*row]).collect()),
    }
}

impl Selection {
    /// How many rows these are.
    pub(super) fn count(&self) -> usize {
        match self {
            Self::All(count) => *count,
            Self::Some(rows) => rows.len(),
        }
    }

    /// The indices of these rows.
    pub(super) fn rows(&self) -> impl Iterator<Item = usize> {
        (0..self.count()).map(move |i| match self {
            Self::All(_) => i,
            Self::Some(rows) => rows[i],
        })
    }

    /// The values of these rows.
    fn of<T: Clone>(&self, lanes: Lanes<T>) -> Vec<T> {
        match (self, lanes) {
            (Self::All(_), Lanes::Each(all)) => all,
            (Self::Some(rows), Lanes::Each(all)) => rows.iter().map(|row| all[*row].clone()).collect(),
            (_, Lanes::Same(one)) => vec![one; self.count()],
        }
    }
}

/// The most rows that are kept in memory where all are asked for: some 30 MB with all columns.
pub const MOST_COLLECTED: usize = 100_000;

/// The rows that a condition holds for, in order; an error if they are more than [`MOST_COLLECTED`].
pub fn collect(sweep: &Sweep, columns: &[Column], condition: Option<&Query>, watch: Watch<'_>) -> Result<Rows, Error> {
    /// Rows of a chunk.
    const ROWS: usize = 1 << 11;
    let wanted = sweep.needed(columns, condition)?;
    let mut all = Rows::none(columns);
    let each = |chunk: &Chunk<'_>| Ok(Rows::of(chunk, columns, &selected(chunk, condition)));
    in_order(sweep, &wanted, ROWS, watch, each, |rows| {
        if all.count + rows.count > MOST_COLLECTED {
            return Err(Error::TooLong { most: MOST_COLLECTED });
        }
        all.append(rows);
        Ok(())
    })?;
    Ok(all)
}

/// The rows of these numbers, in this order.
pub(super) fn numbered(sweep: &Sweep, numbers: &[u64], columns: &[Column], watch: Watch<'_>) -> Result<Rows, Error> {
    let mut rows = Rows::none(columns);
    let mut cases = Vec::new();
    for number in numbers {
        if (watch.stop)() {
            return Err(Error::Interrupted);
        }
        let (case_number, point) = (number / sweep.points(), number % sweep.points());
        let at = match cases.iter().position(|(known, _)| *known == case_number) {
            Some(at) => at,
            None => {
                cases.push((case_number, case(sweep, case_number, columns)?));
                cases.len() - 1
            }
        };
        rows.append(Rows::of(&cases[at].1.chunk(point, 1)?, columns, &Selection::All(1)));
    }
    Ok(rows)
}

impl Rows {
    /// No rows of these columns.
    pub(super) fn none(columns: &[Column]) -> Self {
        Self::zeros(columns, 0)
    }

    /// So many rows, to be replaced.
    pub(super) fn zeros(columns: &[Column], count: usize) -> Self {
        Self { count, columns: columns.iter().map(|column| (*column, Values::zeros(*column, count))).collect() }
    }

    /// Puts rows of the same columns into these places.
    #[cfg(feature = "arrow")]
    pub(super) fn place(&mut self, other: Self, places: &[usize]) {
        for ((_, all), (_, values)) in self.columns.iter_mut().zip(other.columns) {
            all.place(values, places);
        }
    }

    /// These rows of a chunk.
    pub(super) fn of(chunk: &Chunk<'_>, columns: &[Column], rows: &Selection) -> Self {
        let columns = columns.iter().map(|column| (*column, values(chunk, *column, rows)));
        Self { count: rows.count(), columns: columns.collect() }
    }

    /// Adds rows of the same columns at the end.
    pub(super) fn append(&mut self, other: Self) {
        self.count += other.count;
        for ((_, all), (_, more)) in self.columns.iter_mut().zip(other.columns) {
            match (all, more) {
                (Values::Whole(all), Values::Whole(more)) => all.extend(more),
                (Values::Number(all), Values::Number(more)) => all.extend(more),
                (Values::Truth(all), Values::Truth(more)) => all.extend(more),
                (Values::Text { names, rows }, Values::Text { names: others, rows: more }) => {
                    let places: Vec<u32> = others.into_iter().map(|name| place(names, name)).collect();
                    rows.extend(more.into_iter().map(|row| places[row as usize]));
                }
                _ => {}
            }
        }
    }
}

impl Values {
    /// So many values of a column, to be replaced; names have none yet.
    fn zeros(column: Column, count: usize) -> Self {
        match column.kind() {
            Kind::Text => Self::Text { names: vec![], rows: vec![0; count] },
            Kind::Whole => Self::Whole(vec![0; count]),
            Kind::Number => Self::Number(vec![0.0; count]),
            Kind::Truth => Self::Truth(vec![false; count]),
        }
    }

    /// Puts values of the same column into these places.
    #[cfg(feature = "arrow")]
    fn place(&mut self, values: Self, places: &[usize]) {
        fn put<T: Copy>(all: &mut [T], values: &[T], places: &[usize]) {
            for (at, value) in places.iter().zip(values) {
                all[*at] = *value;
            }
        }
        match (self, values) {
            (Self::Whole(all), Self::Whole(values)) => put(all, &values, places),
            (Self::Number(all), Self::Number(values)) => put(all, &values, places),
            (Self::Truth(all), Self::Truth(values)) => put(all, &values, places),
            (Self::Text { names, rows }, Self::Text { names: others, rows: values }) => {
                let known: Vec<u32> = others.into_iter().map(|name| place(names, name)).collect();
                for (at, value) in places.iter().zip(values) {
                    rows[*at] = known[value as usize];
                }
            }
            _ => {}
        }
    }
}

/// The values of a column in some rows of a chunk.
fn values(chunk: &Chunk<'_>, column: Column, rows: &Selection) -> Values {
    match column.kind() {
        Kind::Text if column == Column::Bound => Values::Text {
            names: vec!["memory".to_owned(), "compute".to_owned()],
            rows: rows.of(chunk.computes()).into_iter().map(u32::from).collect(),
        },
        Kind::Text => {
            let name = chunk.texts(column).at(0).clone().into_owned();
            Values::Text { names: vec![name], rows: vec![0; rows.count()] }
        }
        Kind::Truth => Values::Truth(rows.of(chunk.truths(column))),
        Kind::Number => Values::Number(rows.of(chunk.numbers(column))),
        Kind::Whole => {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "they were whole sizes before")]
            let whole = |size: f64| size as u64;
            Values::Whole(rows.of(chunk.numbers(column)).into_iter().map(whole).collect())
        }
    }
}

/// The index of a name, which is added if it isn't there.
fn place(names: &mut Vec<String>, name: String) -> u32 {
    let at = names.iter().position(|known| *known == name).unwrap_or_else(|| {
        names.push(name);
        names.len() - 1
    });
    u32::try_from(at).unwrap_or(u32::MAX)
}
