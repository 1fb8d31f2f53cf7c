//! The files that requests name.

use std::path::Path;

use cost_api::Sources;
use cost_models::{Model, Reading, file};

use crate::git;

/// The files of the machine, and those of revisions of Git as `REVISION:PATH`.
pub(crate) struct Disk;

impl Sources for Disk {
    fn model(&self, path: &str, reading: &Reading) -> cost_api::Result<Model> {
        match git::named(path) {
            Some((revision, inside)) => git::model(revision, inside, reading),
            None => Ok(Model::from_path_as(Path::new(path), reading)?),
        }
    }

    fn weights(&self, model: Model, path: &str) -> cost_api::Result<Model> {
        Ok(model.with_weights_at(Path::new(path))?)
    }

    fn text(&self, path: &str, limit: u64) -> cost_api::Result<String> {
        match git::named(path) {
            Some((revision, inside)) => git::text(revision, inside, limit),
            None => Ok(file::text(Path::new(path), limit)?),
        }
    }

    fn is_directory(&self, name: &str) -> bool {
        Path::new(name).is_dir() || git::named(name).is_some_and(|(revision, _)| git::is_revision(revision))
    }
}
