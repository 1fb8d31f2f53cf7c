//! What is to be said beside a model's numbers.

use std::fmt;

use serde::Serialize;

/// How much a note matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Worth knowing: a class default that stood in for a missing field, a part that was left out because it was asked for.
    Note,
    /// A number may not be what was meant: an unknown field, a part left out that nobody asked to leave out.
    Warning,
}

/// Something to know beside a model's numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Note {
    /// How much it matters.
    pub level: Level,
    /// The field of the config that it is about, if it is about one.
    pub field: Option<String>,
    /// What there is to say.
    pub text: String,
}

impl Note {
    /// Something worth knowing.
    pub fn new(text: impl Into<String>) -> Self {
        Self { level: Level::Note, field: None, text: text.into() }
    }

    /// A number may not be what was meant.
    pub fn warning(text: impl Into<String>) -> Self {
        Self { level: Level::Warning, field: None, text: text.into() }
    }

    /// The note as one about a field.
    #[must_use]
    pub fn about(self, field: &str) -> Self {
        Self { field: Some(field.to_owned()), ..self }
    }

    /// Whether it is a warning, on which strict reading refuses.
    pub fn is_warning(&self) -> bool {
        self.level == Level::Warning
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Note => "note",
            Self::Warning => "warning",
        })
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.level, self.text)
    }
}
