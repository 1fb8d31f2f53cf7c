//! From arguments to models, and the files that requests name.

use std::path::Path;

use cost_api::{ReadingOptions, Sources, What};
use cost_models::{Model, Reading, file};

use crate::failure::{Result, text};
use crate::output::tell;

/// The files of the machine.
pub(crate) struct Disk;

impl Sources for Disk {
    fn model(&self, path: &str, reading: &Reading) -> cost_api::Result<Model> {
        Ok(Model::from_path_as(Path::new(path), reading)?)
    }

    fn weights(&self, model: Model, path: &str) -> cost_api::Result<Model> {
        Ok(model.with_weights_at(Path::new(path))?)
    }

    fn text(&self, path: &str, limit: u64) -> cost_api::Result<String> {
        Ok(file::text(Path::new(path), limit)?)
    }

    fn is_directory(&self, name: &str) -> bool {
        Path::new(name).is_dir()
    }
}

/// The model of that name or path, with its warnings told on stderr: for commands whose output has no place for them.
/// `weights_given`: whether all weights are given a format, whatever the model's are.
pub(crate) fn told(name: &str, reading: &ReadingOptions, weights_given: bool) -> Result<Model> {
    let model = cost_api::load::model(&What::from(name), reading, weights_given, &Disk).map_err(text)?;
    for note in model.warnings() {
        tell(&format!("{}: {name}: {}", note.level, note.text));
    }
    Ok(model)
}
