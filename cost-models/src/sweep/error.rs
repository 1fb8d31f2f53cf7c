//! What can be wrong with a sweep.

use core::fmt;

use cost_core::text::short;

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
    /// A step that a model can't take, or not in this way.
    Step {
        /// The model's name.
        model: String,
        /// Its sequences.
        batch: u64,
        /// Its new tokens of each.
        tokens: u64,
        /// Why.
        error: cost_core::Error,
    },
    /// More rows than can be counted.
    TooMany,
    /// More rows than are kept in memory.
    TooLong {
        /// The most that are.
        most: usize,
    },
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
                let inside = if text == part { String::new() } else { format!(" in `{}`", short(text, WIDTH)) };
                write!(f, "found `{}`{inside}, expected {expected}", short(part, WIDTH))
            }
            Self::Value { axis, found, expected } => {
                write!(f, "{axis}: found {}, expected {expected}", short(found, WIDTH))
            }
            Self::Query { text, at, message } => {
                let (shown, at) = around(text, *at);
                write!(f, "{}\n  {shown}\n  {}^", short(message, MESSAGE), " ".repeat(at))
            }
            Self::Column { name, message } => write!(f, "column `{name}`: {message}"),
            Self::Row { row, error } => write!(f, "row {row}: {error}"),
            Self::Step { model, batch, tokens, error } => {
                write!(f, "{model} at batch {batch}, tokens {tokens}: {error}")
            }
            Self::TooMany => f.write_str("the sweep has more than 2^64 rows"),
            Self::TooLong { most } => write!(
                f,
                "found more than {most} rows, expected at most so many; a condition leaves some out, and a file holds more"
            ),
            Self::Interrupted => f.write_str("interrupted"),
            Self::Output { path, reason } => write!(f, "{path}: {reason}"),
            Self::Model(error) => error.fmt(f),
        }
    }
}

/// The most characters of a text that are shown, and of a sentence about it.
const WIDTH: usize = 96;
const MESSAGE: usize = 500;

/// A text, or as much of a long one as there is room for around a place in it; and where the place is then.
fn around(text: &str, at: usize) -> (String, usize) {
    let length = text.chars().count();
    let start = if length <= WIDTH { 0 } else { at.saturating_sub(WIDTH / 2).min(length - WIDTH) };
    let part: String = text.chars().skip(start).take(WIDTH).collect();
    let before = if start > 0 { "…" } else { "" };
    let after = if start + WIDTH < length { "…" } else { "" };
    // A character that can't be seen takes several.
    let ahead: String = text.chars().skip(start).take(at - start.min(at)).collect();
    let wide = |text: &str| short(text, usize::MAX);
    (format!("{before}{}{after}", wide(&part)), before.chars().count() + wide(&ahead).chars().count())
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
