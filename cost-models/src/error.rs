//! What can be wrong with a model's description.

use std::fmt;

/// Why a model could not be read or evaluated.
#[derive(Debug)]
pub enum Error {
    /// A field of a config: what was found there, and what was expected.
    Field {
        /// The field's name.
        field: String,
        /// What it holds.
        found: String,
        /// What would do.
        expected: String,
    },
    /// A config that is not a JSON object, or that can't be read as one.
    Json(String),
    /// A file that could not be read.
    File {
        /// Its path.
        path: String,
        /// Why.
        reason: String,
    },
    /// A name that is neither in the catalogue nor a path.
    Unknown {
        /// The name.
        name: String,
        /// The nearest name in the catalogue.
        nearest: Option<String>,
    },
    /// An evaluation that failed.
    Cost(cost_core::Error),
}

impl Error {
    /// What was found in a field, and what was expected.
    pub(crate) fn field(field: &str, found: impl fmt::Display, expected: impl Into<String>) -> Self {
        Self::Field { field: field.to_owned(), found: found.to_string(), expected: expected.into() }
    }

    /// The error, if it is about a field, as one about a field of an object that another field holds.
    pub(crate) fn inside(self, outer: &str) -> Self {
        match self {
            Self::Field { field, found, expected } => {
                Self::Field { field: format!("{outer}.{field}"), found, expected }
            }
            other => other,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Field { field, found, expected } => write!(f, "{field}: found {found}, expected {expected}"),
            Self::Json(message) => write!(f, "not a model's config: {message}"),
            Self::File { path, reason } => write!(f, "{path}: {reason}"),
            Self::Unknown { name, nearest } => {
                write!(f, "unknown model `{name}`; ")?;
                if let Some(nearest) = nearest {
                    write!(f, "did you mean `{nearest}`? ")?;
                }
                f.write_str("expected a name that `cost models` lists, a config.json, or a directory that holds one")
            }
            Self::Cost(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Error {}

impl From<cost_core::Error> for Error {
    fn from(error: cost_core::Error) -> Self {
        Self::Cost(error)
    }
}
