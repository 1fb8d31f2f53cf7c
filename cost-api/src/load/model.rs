//! Models by their names, paths or configs.

use std::path::Path;

use cost_core::text::short;
use cost_models::{Model, Reading, catalogue};
use serde_json::Value;

use super::family::family;
use crate::error::{Error, Kind, Result};
use crate::listener::Listener;
use crate::request::choice::Mla;
use crate::request::{ReadingOptions, What};
use crate::sources::Sources;

/// The model of that name, path or config. Warnings are errors if reading is strict; else they are notes of it. Where all
/// its weights are given a format, what a config says of theirs need not be understood.
pub(crate) fn model(
    what: &What,
    options: &ReadingOptions,
    weights_given: bool,
    sources: &dyn Sources,
) -> Result<Model> {
    let reading = || reading(options, weights_given, sources);
    let name = what.name();
    let mut model = match what {
        What::Name(name) if is_path(name, sources) => sources.model(name, &reading()?)?,
        What::Name(name) => {
            if let Some(option) = of_config(options) {
                let found = format!("the built-in model {}", short(name, 100));
                return Err(Error::found(option, found, "a config"));
            }
            catalogue::find(name)?
        }
        What::Config(config) => {
            let config = Value::Object(config.clone()).to_string();
            Model::from_config_as(name, &config, &reading()?)?
        }
    };
    if let Some(file) = &options.weights_file {
        model = sources.weights(model, file)?;
    }
    if let Some(positions) = options.source {
        model = model.with_source(positions)?;
    }
    check_strict(options.strict, name, &model)?;
    match options.mla {
        None => Ok(model),
        Some(_) if !model.is_latent() => Err(Error::option("mla", format_args!("{name} has no latent attention"))),
        Some(form) => Ok(model.with_latent(form == Mla::Absorbed)),
    }
}

/// The model, with its warnings told: for answers that have no place for them.
pub(crate) fn told(
    what: &What,
    options: &ReadingOptions,
    weights_given: bool,
    sources: &dyn Sources,
    listener: &dyn Listener,
) -> Result<Model> {
    let model = model(what, options, weights_given, sources)?;
    for note in model.warnings() {
        listener.told(&format!("{}: {}: {}", note.level, what.name(), note.text));
    }
    Ok(model)
}

/// Whether a name is the path of a model.
fn is_path(name: &str, sources: &dyn Sources) -> bool {
    let end = Path::new(name).extension();
    let ends = |known: &str| end.is_some_and(|end| end.eq_ignore_ascii_case(known));
    ["json", "gguf", "safetensors"].into_iter().any(ends) || name.contains(['/', '\\']) || sources.is_directory(name)
}

/// An option that is given and that is about reading a config.
fn of_config(options: &ReadingOptions) -> Option<&'static str> {
    let given =
        [("family", options.family.is_some()), ("like", options.like.is_some()), ("text-only", options.text_only)];
    given.into_iter().find(|(_, given)| *given).map(|(option, _)| option)
}

fn reading(options: &ReadingOptions, weights_given: bool, sources: &dyn Sources) -> Result<Reading> {
    let family = options.family.as_deref().map(|path| family(path, sources)).transpose()?;
    Ok(Reading { family, like: options.like.clone(), text_only: options.text_only, weights_given })
}

/// An error if a model of that name is read strictly and has warnings.
pub(crate) fn check_strict(strict: bool, name: &str, model: &Model) -> Result<()> {
    let warnings: Vec<&str> = model.warnings().map(|note| note.text.as_str()).collect();
    if !strict || warnings.is_empty() {
        return Ok(());
    }
    let field = model.warnings().find_map(|note| note.field.clone());
    Err(Error { field, ..Error::new(Kind::Config, format!("{name}: {}", warnings.join("; "))) })
}
