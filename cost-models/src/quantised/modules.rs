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
    /// Everything that has a matrix: linear layers, routers, the head and embeddings.
    All,
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
            Self::All => true,
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
        None if plain(text) => Ok(Modules::Named(of_text(text.trim_matches('.').trim_end_matches(".weight")))),
        expression => matching(field, expression.unwrap_or(text)),
    }
}

/// The modules that a name with wildcards stands for, where `*` is anything. A name that ends in one is that of a whole
/// part of the model, as the tools that write such lists mean it: `model.layers.1*` doesn't name layer 10.
pub(super) fn wild(field: &str, text: &str) -> Result<Modules, Error> {
    let stem = text.trim_end_matches(['*', '.']);
    if plain(stem) && !stem.is_empty() || text.starts_with("re:") {
        return named(field, if text.starts_with("re:") { text } else { stem });
    }
    let parts: Vec<String> = of_text(text).split('*').map(regex_lite::escape).collect();
    matching(field, &format!("{}$", parts.join(".*")))
}

/// A list of names with wildcards; none if it isn't there.
pub(super) fn wilds(fields: &mut Fields, field: &str) -> Result<Vec<Modules>, Error> {
    let names = fields.texts(field)?.unwrap_or_default();
    few(field, names.iter().filter(|name| !plain(name)).count())?;
    names.iter().map(|name| wild(field, name)).collect()
}

/// A name in a model as the same in its text part alone.
fn of_text(name: &str) -> String {
    const PREFIXES: [(&str, &str); 2] = [("model.language_model.", "model."), ("language_model.", "")];
    let within = PREFIXES.iter().find_map(|(prefix, own)| Some(format!("{own}{}", name.strip_prefix(prefix)?)));
    within.unwrap_or_else(|| name.to_owned())
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
