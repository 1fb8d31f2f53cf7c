//! The cells of tables: what a person reads, and the exact figure behind it.

use cost_models::report::Bytes;

use crate::colour::Tone;
use crate::table;

/// A cell of a table.
#[derive(Clone, Debug)]
pub(crate) struct Cell {
    /// What a person reads.
    pub(crate) shown: String,
    /// The figure for a program, where that is something else.
    exact: Option<String>,
    /// A share that a bar shows beside the text.
    pub(crate) bar: Option<f64>,
    pub(crate) tone: Tone,
}

impl Cell {
    /// A figure as a person and as a program reads it.
    pub(crate) fn new(shown: impl Into<String>, exact: impl std::fmt::Display) -> Self {
        Self { exact: Some(format!("{exact}")), ..Self::from(shown.into()) }
    }

    /// A number with three digits and a prefix.
    pub(crate) fn si(value: f64) -> Self {
        Self::new(table::si(value), value)
    }

    /// A number with three digits.
    pub(crate) fn digits(value: f64) -> Self {
        Self::new(table::digits(value), value)
    }

    /// A whole number with its thousands apart.
    pub(crate) fn grouped(value: impl Into<u128>) -> Self {
        let value = value.into();
        Self::new(table::grouped(value), value)
    }

    /// Bytes with a prefix.
    pub(crate) fn bytes(value: Bytes) -> Self {
        Self::new(table::bytes(value), value.whole().map_or_else(|| value.to_f64().to_string(), |it| it.to_string()))
    }

    /// Bytes with a prefix and without a unit.
    pub(crate) fn si_bytes(value: Bytes) -> Self {
        Self { shown: table::si(value.to_f64()), ..Self::bytes(value) }
    }

    /// Seconds.
    pub(crate) fn seconds(value: f64) -> Self {
        Self::new(table::seconds(value), value)
    }

    /// A share as a percentage.
    pub(crate) fn share(value: f64) -> Self {
        Self::new(format!("{:.1} %", value * 100.0), value)
    }

    /// The share with a bar as long.
    pub(crate) fn bar(value: f64) -> Self {
        Self { bar: Some(value), ..Self::share(value) }
    }

    /// What something waits for, as a word or its first letter.
    pub(crate) fn bound(bound: &str, shown: impl Into<String>) -> Self {
        Self { tone: Tone::of_bound(bound), ..Self::new(shown, bound) }
    }

    /// Whether something holds.
    pub(crate) fn verdict(good: bool, shown: &str) -> Self {
        Self { tone: if good { Tone::Good } else { Tone::Bad }, ..Self::from(shown) }
    }

    /// The figure for a program.
    pub(crate) fn exact(&self) -> &str {
        self.exact.as_deref().unwrap_or(&self.shown)
    }
}

impl From<String> for Cell {
    fn from(shown: String) -> Self {
        Self { shown, exact: None, bar: None, tone: Tone::Plain }
    }
}

impl From<&str> for Cell {
    fn from(shown: &str) -> Self {
        shown.to_owned().into()
    }
}

/// A row of cells, each of whatever makes one.
macro_rules! row {
    ($($cell:expr),* $(,)?) => { vec![$($crate::cell::Cell::from($cell)),*] };
}
pub(crate) use row;
