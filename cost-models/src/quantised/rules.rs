//! Rules by modules, of which the first that matches decides.

use std::collections::HashMap;

use cost_core::cost::Stored;

use super::Module;
use super::modules::Modules;
use crate::error::Error;

/// Most pairs of a module and an expression that it is held against.
const MOST_MATCHES: usize = 1 << 20;

/// Modules and how their weights are stored, nothing where they stay as they are; in order.
///
/// Names are looked up, so that a list of them takes no longer than one.
#[derive(Clone, Debug, Default)]
pub(super) struct Rules {
    all: Vec<(Modules, Option<Stored>)>,
    /// The first rule of each name.
    named: HashMap<String, usize>,
    /// The rules of all that is no name.
    others: Vec<usize>,
}

impl FromIterator<(Modules, Option<Stored>)> for Rules {
    fn from_iter<T: IntoIterator<Item = (Modules, Option<Stored>)>>(rules: T) -> Self {
        let mut found = Self { all: rules.into_iter().collect(), ..Self::default() };
        for (place, (modules, _)) in found.all.iter().enumerate() {
            match modules {
                Modules::Named(part) => drop(found.named.entry(part.clone()).or_insert(place)),
                _ => found.others.push(place),
            }
        }
        found
    }
}

impl Rules {
    /// All of them.
    pub(super) fn iter(&self) -> impl Iterator<Item = &(Modules, Option<Stored>)> {
        self.all.iter()
    }

    /// How the weight of a module is stored, if a rule is about it and doesn't leave it alone.
    pub(super) fn of(&self, name: &str, module: Module) -> Option<Stored> {
        let named = self.named(name);
        let before = self.others.iter().take_while(|place| named.is_none_or(|named| **place < named));
        let other = before.copied().find(|place| self.all[*place].0.has(name, module));
        self.all.get(other.or(named)?)?.1
    }

    /// The first rule that names a module or something that it is part of.
    fn named(&self, name: &str) -> Option<usize> {
        if self.named.is_empty() {
            return None;
        }
        let dots = || name.match_indices('.').map(|(dot, _)| dot);
        let starts = [0].into_iter().chain(dots().map(|dot| dot + 1));
        let parts = starts.flat_map(|start| dots().chain([name.len()]).filter_map(move |end| name.get(start..end)));
        parts.filter_map(|part| self.named.get(part)).copied().min()
    }

    /// An error if so many modules are more than all expressions can be held against.
    pub(super) fn bounded(&self, modules: usize) -> Result<(), Error> {
        let expressions = self.all.iter().filter(|(modules, _)| matches!(modules, Modules::Matching(_))).count();
        if modules.saturating_mul(expressions) <= MOST_MATCHES {
            return Ok(());
        }
        let found = format!("{expressions} expressions for {modules} modules");
        Err(Error::field("quantization_config", found, format!("at most {MOST_MATCHES} pairs of the two")))
    }
}
