//! What can be wrong with a model's description.

use std::fmt;

use cost_core::text::short;

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
    /// A declaration of a model type that says something wrong.
    Declaration {
        /// The line, counted from 1.
        line: usize,
        /// The column, counted from 1.
        column: usize,
        /// What is wrong.
        message: String,
    },
    /// A name that is neither in the catalogue nor a path.
    Unknown {
        /// The name.
        name: String,
        /// The nearest name in the catalogue.
        nearest: Option<String>,
    },
    /// A file whose tensors are not those that the model declares.
    Tensors(Box<TensorDifferences>),
    /// An evaluation that failed.
    Cost(cost_core::Error),
}

/// How the tensors in a file differ from those that a model declares.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TensorDifferences {
    /// Names of those that the file lacks.
    pub missing: Vec<String>,
    /// Names of those that the model lacks.
    pub extra: Vec<String>,
    /// Those of another shape: their names, what was found and what was expected.
    pub different: Vec<String>,
}

impl TensorDifferences {
    /// Whether there are none.
    pub fn none(&self) -> bool {
        self.missing.is_empty() && self.extra.is_empty() && self.different.is_empty()
    }
}

/// The most names of a kind that are listed.
const LISTED: usize = 24;

/// The most characters of a name or a value, which may come from a file, and of a sentence about them.
const NAME: usize = 240;
const MESSAGE: usize = 4000;

impl fmt::Display for TensorDifferences {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("its tensors are not those of the model")?;
        for (names, what) in [
            (&self.missing, "missing"),
            (&self.extra, "that the model doesn't have"),
            (&self.different, "of another shape"),
        ] {
            if !names.is_empty() {
                let listed = names.iter().take(LISTED).map(|name| short(name, NAME)).collect::<Vec<_>>().join(", ");
                write!(f, "; {} {what}: {listed}", names.len())?;
                if names.len() > LISTED {
                    write!(f, " and {} more", names.len() - LISTED)?;
                }
            }
        }
        Ok(())
    }
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
            Self::Field { field, found, expected } => {
                let (field, found) = (short(field, NAME), short(found, NAME));
                write!(f, "{field}: found {found}, expected {}", short(expected, MESSAGE))
            }
            Self::Json(message) => write!(f, "not a model's config: {}", short(message, MESSAGE)),
            Self::File { path, reason } => write!(f, "{path}: {reason}"),
            Self::Declaration { line, column, message } => {
                write!(f, "line {line}, column {column}: {}", short(message, MESSAGE))
            }
            Self::Unknown { name, nearest } => {
                write!(f, "unknown model `{}`", short(name, NAME))?;
                if let Some(nearest) = nearest {
                    write!(f, " (did you mean `{nearest}`?)")?;
                }
                f.write_str(
                    "; expected a name that `cost models` lists, a config.json, a directory that holds one, or a GGUF file",
                )
            }
            Self::Tensors(differences) => differences.fmt(f),
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
