//! What can be wrong with a request, or with what it is about.

use std::fmt;

use serde::Serialize;

/// What a request or a part of it comes to.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a request has no answer, for a person (its `Display`) and for a program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Error {
    /// What it is about.
    pub kind: Kind,
    /// The option of the request, or the field of the config.
    pub field: Option<String>,
    /// What was found there.
    pub found: Option<String>,
    /// What would do.
    pub expected: Option<String>,
    /// What may have been meant.
    pub nearest: Option<String>,
    /// All of it as a sentence. Options are called as on the command line.
    pub message: Box<str>,
}

/// What an error is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Kind {
    /// An option of the request, or the request as a whole.
    Request,
    /// A name that isn't known: of a model, an operator, a device.
    Unknown,
    /// A config.
    Config,
    /// A file, or what stands in it.
    File,
    /// Counting.
    Count,
}

impl Error {
    /// An error with nothing but a message.
    pub fn new(kind: Kind, message: impl Into<Box<str>>) -> Self {
        Self { kind, field: None, found: None, expected: None, nearest: None, message: message.into() }
    }

    /// What is wrong with an option.
    pub(crate) fn option(option: &str, said: impl fmt::Display) -> Self {
        Self { field: Some(field(option)), ..Self::new(Kind::Request, format!("--{option}: {said}")) }
    }

    /// What was found in an option, and what was expected.
    pub(crate) fn found(option: &str, found: impl fmt::Display, expected: impl fmt::Display) -> Self {
        let (found, expected) = (found.to_string(), expected.to_string());
        let error = Self::option(option, format_args!("found {found}, expected {expected}"));
        Self { found: Some(found), expected: Some(expected), ..error }
    }

    /// The error as one of an option.
    pub(crate) fn of(self, option: &str) -> Self {
        Self { field: Some(field(option)), ..self.about(&format!("--{option}")) }
    }

    /// The error as one about something that is named before it.
    pub(crate) fn about(self, what: &str) -> Self {
        Self { message: format!("{what}: {}", self.message).into(), ..self }
    }

    /// With what may have been meant.
    pub(crate) fn near(self, nearest: Option<&str>) -> Self {
        Self { nearest: nearest.map(str::to_owned), ..self }
    }

    /// With more to the message.
    pub(crate) fn and(self, more: &str) -> Self {
        Self { message: format!("{}{more}", self.message).into(), ..self }
    }
}

/// An option of the command line as a field of the request.
fn field(option: &str) -> String {
    option.replace('-', "_")
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

impl From<cost_core::Error> for Error {
    fn from(error: cost_core::Error) -> Self {
        use cost_core::Error as Of;
        let message = error.to_string();
        let of = |kind, field: Option<&str>, found: Option<String>, expected: Option<String>| Self {
            field: field.map(str::to_owned),
            found,
            expected,
            ..Self::new(kind, message)
        };
        match error {
            Of::Format { text, expected } | Of::Class { text, expected } => {
                of(Kind::Request, None, Some(text), Some(expected))
            }
            Of::Step { found, expected, .. } => of(Kind::Request, None, Some(found), Some(expected)),
            Of::Hardware { name, nearest } => {
                let expected = "a name that `cost hardware` lists, or a .toml file".to_owned();
                Self { nearest, ..of(Kind::Unknown, Some("on"), Some(name), Some(expected)) }
            }
            Of::HardwareFile { .. } => of(Kind::File, None, None, None),
            Of::NothingRouted { found, .. } => of(Kind::Request, Some("routing"), Some(found), Some("none".to_owned())),
            Of::TooFewExperts { found, top } => {
                of(Kind::Request, Some("routing"), Some(found), Some(format!("at least {top}")))
            }
            Of::TooManyExperts { found, most } => {
                of(Kind::Request, Some("routing"), Some(found), Some(format!("at most {most}")))
            }
            _ => of(Kind::Count, None, None, None),
        }
    }
}

impl From<cost_models::sweep::Error> for Error {
    fn from(error: cost_models::sweep::Error) -> Self {
        use cost_models::sweep::Error as Of;
        let message = error.to_string();
        let about = |kind| Self::new(kind, message.as_str());
        match error {
            Of::Model(error) => error.into(),
            Of::Axis { part, expected, .. } => {
                Self { found: Some(part), expected: Some(expected.to_owned()), ..about(Kind::Request) }
            }
            Of::Value { axis, found, expected } => Self {
                field: Some(axis.to_owned()),
                found: Some(found),
                expected: Some(expected.to_owned()),
                ..about(Kind::Request)
            },
            Of::Column { name, .. } => Self { found: Some(name), ..about(Kind::Request) },
            Of::Query { .. } | Of::TooMany | Of::TooLong { .. } | Of::Step { .. } | Of::Row { .. } => {
                about(Kind::Request)
            }
            Of::Interrupted => about(Kind::Count),
            Of::Output { .. } => about(Kind::File),
        }
    }
}

impl From<cost_models::Error> for Error {
    fn from(error: cost_models::Error) -> Self {
        use cost_models::Error as Of;
        let message = error.to_string();
        match error {
            Of::Cost(error) => error.into(),
            Of::Field { field, found, expected } => Self {
                field: Some(field),
                found: Some(found),
                expected: Some(expected),
                ..Self::new(Kind::Config, message)
            },
            Of::Unknown { name, nearest } => Self { found: Some(name), nearest, ..Self::new(Kind::Unknown, message) },
            Of::Json(_) => Self::new(Kind::Config, message),
            Of::File { .. } | Of::Declaration { .. } | Of::Tensors(_) => Self::new(Kind::File, message),
        }
    }
}
