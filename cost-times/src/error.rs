//! What is wrong with a file of measured times.

use core::fmt::{self, Display};

/// What is wrong, and with which line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// The line, from 1; nothing if it is about the file.
    pub line: Option<u64>,
    /// Field, found, expected.
    pub message: String,
}

/// What can fail.
pub type Result<T> = core::result::Result<T, Error>;

impl Error {
    /// About the file as a whole.
    pub(crate) fn file(message: impl Into<String>) -> Self {
        Self { line: None, message: message.into() }
    }

    /// About a line.
    pub(crate) fn line(line: u64, message: impl Into<String>) -> Self {
        Self { line: Some(line), message: message.into() }
    }
}

impl Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "line {line}: {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

impl std::error::Error for Error {}
