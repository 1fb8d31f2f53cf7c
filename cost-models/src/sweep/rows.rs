//! Rows as they are written: column by column.

use super::chunk::{Chunk, case};
use super::column::{Column, Kind};
use super::error::Error;
use super::grid::Sweep;
use super::query::{Lanes, Query};

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

/// The indices of a chunk's rows that a condition holds for.
pub(super) fn selected(chunk: &Chunk<'_>, condition: Option<&Query>) -> Vec<usize> {
    match condition.map(|condition| condition.holds(chunk)) {
        None | Some(Lanes::Same(true)) => (0..chunk.rows).collect(),
        Some(Lanes::Same(false)) => Vec::new(),
        Some(Lanes::Each(holds)) => (0..chunk.rows).filter(|row| holds[*row]).collect(),
    }
}

/// The rows of these numbers, in this order.
pub(super) fn numbered(sweep: &Sweep, numbers: &[u64], columns: &[Column]) -> Result<Rows, Error> {
    let mut rows = Rows::none(columns);
    let mut cases = Vec::new();
    for number in numbers {
        let (case_number, point) = (number / sweep.points(), number % sweep.points());
        let at = match cases.iter().position(|(known, _)| *known == case_number) {
            Some(at) => at,
            None => {
                cases.push((case_number, case(sweep, case_number, columns)?));
                cases.len() - 1
            }
        };
        rows.append(Rows::of(&cases[at].1.chunk(point, 1)?, columns, &[0]));
    }
    Ok(rows)
}

impl Rows {
    /// No rows of these columns.
    fn none(columns: &[Column]) -> Self {
        let empty = |column: &Column| match column.kind() {
            Kind::Text => Values::Text { names: vec![], rows: vec![] },
            Kind::Whole => Values::Whole(vec![]),
            Kind::Number => Values::Number(vec![]),
            Kind::Truth => Values::Truth(vec![]),
        };
        Self { count: 0, columns: columns.iter().map(|column| (*column, empty(column))).collect() }
    }

    /// These rows of a chunk, by their indices.
    pub(super) fn of(chunk: &Chunk<'_>, columns: &[Column], rows: &[usize]) -> Self {
        let columns = columns.iter().map(|column| (*column, values(chunk, *column, rows)));
        Self { count: rows.len(), columns: columns.collect() }
    }

    /// Adds rows of the same columns at the end.
    fn append(&mut self, other: Self) {
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

fn values(chunk: &Chunk<'_>, column: Column, rows: &[usize]) -> Values {
    match column.kind() {
        Kind::Text if column == Column::Bound => Values::Text {
            names: vec!["memory".to_owned(), "compute".to_owned()],
            rows: picked(&chunk.computes(), rows).into_iter().map(u32::from).collect(),
        },
        Kind::Text => {
            let name = chunk.texts(column).at(0).clone().into_owned();
            Values::Text { names: vec![name], rows: vec![0; rows.len()] }
        }
        Kind::Truth => Values::Truth(picked(&chunk.truths(column), rows)),
        Kind::Number => Values::Number(picked(&chunk.numbers(column), rows)),
        Kind::Whole => {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "they were whole sizes before")]
            let whole = |size: f64| size as u64;
            Values::Whole(picked(&chunk.numbers(column), rows).into_iter().map(whole).collect())
        }
    }
}

fn picked<T: Clone>(lanes: &Lanes<T>, rows: &[usize]) -> Vec<T> {
    rows.iter().map(|row| lanes.at(*row).clone()).collect()
}

/// The index of a name, which is added if it isn't there.
fn place(names: &mut Vec<String>, name: String) -> u32 {
    let at = names.iter().position(|known| *known == name).unwrap_or_else(|| {
        names.push(name);
        names.len() - 1
    });
    u32::try_from(at).unwrap_or(u32::MAX)
}
