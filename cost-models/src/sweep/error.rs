//! What can be wrong with a sweep.

use core::fmt;

/// Why a sweep could not be made, or didn't end.
#[derive(Debug)]
pub enum Error {
    /// Values of an axis that can't be read.
    Axis {
        /// All of the text.
        text: String,
        /// The part of it that is wrong.
        part: String,
        /// What was expected.
        expected: &'static str,
    },
    /// An axis with values that make no step.
    Value {
        /// The axis.
        axis: &'static str,
        /// What was found.
        found: String,
        /// What was expected.
        expected: &'static str,
    },
    /// A condition or an amount that can't be read.
    Query {
        /// All of the text.
        text: String,
        /// Where it is wrong, in characters.
        at: usize,
        /// What is wrong.
        message: String,
    },
    /// A column that the sweep doesn't have.
    Column {
        /// Its name.
        name: String,
        /// Why, or which there are.
        message: String,
    },
    /// A row of a batch that is no step.
    Row {
        /// Which, counted from zero.
        row: usize,
        /// Why.
        error: Box<Self>,
    },
    /// More rows than can be counted.
    TooMany,
    /// It was interrupted.
    Interrupted,
    /// A result that could not be written.
    Output {
        /// Where to.
        path: String,
        /// Why.
        reason: String,
    },
    /// A model that could not be read or evaluated.
    Model(crate::Error),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Axis { text, part, expected } => {
                let inside = if text == part { String::new() } else { format!(" in `{text}`") };
                write!(f, "found `{part}`{inside}, expected {expected}")
            }
            Self::Value { axis, found, expected } => write!(f, "{axis}: found {found}, expected {expected}"),
            Self::Query { text, at, message } => write!(f, "{message}\n  {text}\n  {:at$}^", ""),
            Self::Column { name, message } => write!(f, "column `{name}`: {message}"),
            Self::Row { row, error } => write!(f, "row {row}: {error}"),
            Self::TooMany => f.write_str("the sweep has more than 2^64 rows"),
            Self::Interrupted => f.write_str("interrupted"),
            Self::Output { path, reason } => write!(f, "{path}: {reason}"),
            Self::Model(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Error {}

impl From<crate::Error> for Error {
    fn from(error: crate::Error) -> Self {
        Self::Model(error)
    }
}

impl From<cost_core::Error> for Error {
    fn from(error: cost_core::Error) -> Self {
        Self::Model(error.into())
    }
}
