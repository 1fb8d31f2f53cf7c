//! What a request is about.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What a request is about: a name, or a path that whoever asks opens, or an object that is a model's config.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum What {
    /// A built-in model or operator, or a path.
    Name(String),
    /// A `config.json`.
    Config(Map<String, Value>),
}

impl What {
    /// What it is called in answers and errors.
    pub fn name(&self) -> &str {
        match self {
            Self::Name(name) => name,
            // As the model of a file of this name would be.
            Self::Config(_) => "config",
        }
    }
}

impl From<&str> for What {
    fn from(name: &str) -> Self {
        Self::Name(name.to_owned())
    }
}
