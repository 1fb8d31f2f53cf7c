//! What a request is about: an operator or a model.

use cost_core::library::Source;
use cost_models::{Model, operators};

use super::model::model;
use super::operators::{named, one};
use crate::error::{Error, Kind, Result};
use crate::request::{ReadingOptions, What};
use crate::sources::Sources;

/// What a request is about.
pub(crate) enum Subject {
    /// An operator.
    Operator(Source),
    /// A model.
    Model(Box<Model>),
}

/// The operator or model of that name or path.
pub(crate) fn subject(
    what: &What,
    reading: &ReadingOptions,
    weights_given: bool,
    sources: &dyn Sources,
) -> Result<Subject> {
    if let What::Name(name) = what
        && let Some(operator) = operator(name, sources)?
    {
        let unused = [
            ("family", reading.family.is_some()),
            ("like", reading.like.is_some()),
            ("weights-file", reading.weights_file.is_some()),
            ("strict", reading.strict),
            ("mla", reading.mla.is_some()),
            ("source", reading.source.is_some()),
        ];
        return match unused.iter().find(|(_, given)| *given) {
            Some((option, _)) => Err(Error::found(option, format_args!("the operator {}", operator.name()), "a model")),
            None => Ok(Subject::Operator(operator)),
        };
    }
    match model(what, reading, weights_given, sources) {
        Ok(model) => Ok(Subject::Model(Box::new(model))),
        Err(error) if error.kind == Kind::Unknown => Err(or_operator(error, what.name())),
        Err(error) => Err(error),
    }
}

fn operator(name: &str, sources: &dyn Sources) -> Result<Option<Source>> {
    match named(name) {
        Some((path, name)) => one(path, name, sources).map(Some),
        None => Ok(operators().find(|op| op.name.eq_ignore_ascii_case(name)).map(Source::Declared)),
    }
}

/// The operator of a `.rs` file; nothing for a name that names none.
pub(crate) fn own_operator(name: &str, sources: &dyn Sources) -> Result<Option<Source>> {
    named(name).map(|(path, name)| one(path, name, sources)).transpose()
}

/// A name that is no model may have been meant as an operator.
fn or_operator(error: Error, name: &str) -> Error {
    match cost_core::nearest(name, operators().map(|op| op.name)) {
        Some(near) => {
            let nearest = error.nearest.clone().unwrap_or_else(|| near.to_owned());
            error.and(&format!("; or did you mean the operator `{near}`?")).near(Some(&nearest))
        }
        None => {
            let names: Vec<&str> = operators().map(|op| op.name).collect();
            error.and(&format!(", or an operator: {}", names.join(", ")))
        }
    }
}
