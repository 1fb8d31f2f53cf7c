//! Which modules a name or an expression in a config stands for.

use cost_core::text::short;
use regex_lite::{Regex, RegexBuilder};
use serde_json::Value;

use super::Module;
use crate::config::{Fields, unexpected};
use crate::error::Error;

/// Most expressions of a list, and the most bytes that one is compiled to.
const MOST_EXPRESSIONS: usize = 1024;
const EXPRESSION_LIMIT: usize = 1 << 15;

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
            // Names are looked up in all of their rules at once.
            Self::Named(_) => false,
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
        Some(Value::Array(names)) => {
            few(field, names.iter().filter(|name| name.as_str().is_some_and(|name| !plain(name))).count())?;
            let read = names.iter().map(|name| match name {
                Value::String(name) => named(field, name),
                other => Err(unexpected(field, other, expected)),
            });
            read.collect()
        }
        Some(other) => Err(unexpected(field, &other, expected)),
    }
}

/// Whether a text is a name, and no expression.
pub(super) fn plain(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'))
}

/// The modules that a name or an expression stands for.
pub(super) fn named(field: &str, text: &str) -> Result<Modules, Error> {
    match text.strip_prefix("re:") {
        None if plain(text) => Ok(Modules::Named(text.trim_matches('.').trim_end_matches(".weight").to_owned())),
        expression => matching(field, expression.unwrap_or(text)),
    }
}

/// The modules whose name an expression matches from its start, as Python's `re.match` does.
pub(super) fn matching(field: &str, expression: &str) -> Result<Modules, Error> {
    let compiled = RegexBuilder::new(&format!("^(?:{expression})")).size_limit(EXPRESSION_LIMIT).build();
    compiled.map(Modules::Matching).map_err(|error| {
        let found = format!("\"{}\" ({error})", short(expression, 100));
        Error::field(field, found, "a regular expression without look-around or back references")
    })
}

/// An error if so many names are more than can be expressions.
pub(super) fn few(field: &str, names: usize) -> Result<(), Error> {
    if names > MOST_EXPRESSIONS {
        return Err(Error::field(field, format!("{names} expressions"), format!("at most {MOST_EXPRESSIONS}")));
    }
    Ok(())
}
