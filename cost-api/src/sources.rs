//! How a request gets at what stands in files.

use cost_models::{Model, Reading};

use crate::error::{Error, Kind, Result};

/// What opens the files that requests name: whoever asks.
pub trait Sources {
    /// The model of a path: a config, a directory that holds one, or weights.
    fn model(&self, path: &str, reading: &Reading) -> Result<Model>;

    /// The model with weights stored as they are in a file.
    fn weights(&self, model: Model, path: &str) -> Result<Model>;

    /// The text of a file, of at most so many bytes.
    fn text(&self, path: &str, limit: u64) -> Result<String>;

    /// Whether a name that doesn't look like a path is one of a model all the same: that of a directory.
    fn is_directory(&self, name: &str) -> bool;
}

/// No files: requests are about built-in models and operators, and configs that they hold.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoFiles;

impl Sources for NoFiles {
    fn model(&self, path: &str, _: &Reading) -> Result<Model> {
        Err(none(path))
    }

    fn weights(&self, _: Model, path: &str) -> Result<Model> {
        Err(none(path))
    }

    fn text(&self, path: &str, _: u64) -> Result<String> {
        Err(none(path))
    }

    fn is_directory(&self, _: &str) -> bool {
        false
    }
}

fn none(path: &str) -> Error {
    let expected = "a built-in name, or an object that is a config";
    let message = format!("{}: files can't be opened here; expected {expected}", cost_core::text::short(path, 240));
    Error { found: Some(path.to_owned()), expected: Some(expected.to_owned()), ..Error::new(Kind::File, message) }
}
