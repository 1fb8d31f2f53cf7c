//! Which modules a name or an expression in a config stands for.

use regex_lite::Regex;
use serde_json::Value;

use super::Module;
use crate::config::{Fields, unexpected};
use crate::error::Error;

/// Modules of a model.
#[derive(Clone, Debug)]
pub(super) enum Modules {
    /// Linear layers, but for routers and the output head.
    Linear,
    /// Linear layers of routed experts.
    Experts,
    /// The output head.
    Head,
    /// Those with this name, or part of one with it: its parts stand together in theirs.
    Named(String),
    /// Those whose name an expression matches from its start.
    Matching(Regex),
}

impl Modules {
    /// Whether they are those of routed experts only.
    pub(super) const fn are_experts(&self) -> bool {
        matches!(self, Self::Experts)
    }

    /// Their name, if they are given by one.
    pub(super) fn name(&self) -> Option<&str> {
        match self {
            Self::Named(name) => Some(name),
            _ => None,
        }
    }

    pub(super) fn has(&self, name: &str, module: Module) -> bool {
        match self {
            Self::Linear => matches!(module, Module::Linear | Module::Expert),
            Self::Experts => module == Module::Expert,
            Self::Head => module == Module::Head,
            Self::Named(part) => format!(".{name}.").contains(&format!(".{part}.")),
            Self::Matching(expression) => expression.is_match(name),
        }
    }
}

/// The modules that a list in a config names; none if it isn't there.
///
/// What has characters that names don't is an expression, whether it begins with `re:` or not.
pub(super) fn listed(fields: &mut Fields, field: &str) -> Result<Vec<Modules>, Error> {
    let expected = "a list of names of modules";
    match fields.value(field) {
        None => Ok(Vec::new()),
        Some(Value::Array(names)) => names
            .iter()
            .map(|name| match name {
                Value::String(name) => named(field, name),
                other => Err(unexpected(field, other, expected)),
            })
            .collect(),
        Some(other) => Err(unexpected(field, &other, expected)),
    }
}

/// The modules that a name or an expression stands for.
pub(super) fn named(field: &str, text: &str) -> Result<Modules, Error> {
    let plain = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'));
    match text.strip_prefix("re:") {
        None if plain(text) => Ok(Modules::Named(text.trim_matches('.').trim_end_matches(".weight").to_owned())),
        expression => matching(field, expression.unwrap_or(text)),
    }
}

/// The modules whose name an expression matches from its start, as Python's `re.match` does.
pub(super) fn matching(field: &str, expression: &str) -> Result<Modules, Error> {
    Regex::new(&format!("^(?:{expression})")).map(Modules::Matching).map_err(|error| Error::Field {
        field: field.to_owned(),
        found: format!("\"{expression}\" ({error})"),
        expected: "a regular expression without look-around or back references".to_owned(),
    })
}
