//! The declarations that are built in, by the model types that they are of.

use std::sync::{Arc, OnceLock};

use super::declare::{Default, Family, Size};
use super::{Blocks, parse};
use crate::config::Fields;
use crate::error::Error;

/// One built-in declaration.
pub(super) struct BuiltIn {
    pub(super) types: &'static [&'static str],
    /// How the names of its classes in transformers begin.
    transformers: &'static [&'static str],
    /// What GGUF files of it call their architecture.
    gguf: &'static [&'static str],
    pub(super) text: &'static str,
    read: OnceLock<Arc<Family>>,
}

// Declares `DECLARED` and `WHOLE`, models of text and something else, in the order of the files.
include!(concat!(env!("OUT_DIR"), "/builtin.rs"));

/// All of them.
pub(super) fn all() -> impl Iterator<Item = &'static BuiltIn> + Clone {
    DECLARED.iter()
}

/// The model types that are declared.
pub(crate) fn declared_types() -> impl Iterator<Item = &'static str> + Clone {
    all().flat_map(|it| it.types.iter().copied())
}

/// The declaration of a type of models of text and something else.
pub(crate) fn whole(model_type: &str) -> Option<Result<Arc<Family>, Error>> {
    WHOLE.iter().find(|it| it.types.contains(&model_type)).map(BuiltIn::family)
}

/// The types of models of text and something else that are declared.
pub(crate) fn whole_types() -> impl Iterator<Item = &'static str> + Clone {
    WHOLE.iter().flat_map(|it| it.types).copied()
}

/// The declaration of a model type.
pub(crate) fn declared(model_type: &str) -> Option<Result<Arc<Family>, Error>> {
    all().find(|it| it.types.contains(&model_type)).map(BuiltIn::family)
}

/// The model type whose classes in transformers have names that begin so.
pub(crate) fn of_transformers(start: &str) -> Option<&'static str> {
    all().find(|it| it.transformers.contains(&start))?.types.first().copied()
}

/// The declarations of an architecture of GGUF files.
pub(crate) fn of_gguf(architecture: &str) -> impl Iterator<Item = Result<Arc<Family>, Error>> {
    all().filter(move |it| it.gguf.contains(&architecture)).map(BuiltIn::family)
}

/// The architectures of GGUF files that are known.
pub(crate) fn gguf_architectures() -> impl Iterator<Item = &'static str> {
    all().flat_map(|it| it.gguf.iter().copied())
}

impl BuiltIn {
    fn family(&self) -> Result<Arc<Family>, Error> {
        if let Some(family) = self.read.get() {
            return Ok(family.clone());
        }
        let family = parse::declaration(self.text, &Blocks::default(), false).map(Arc::new)?;
        Ok(self.read.get_or_init(|| family).clone())
    }
}

/// The declared type that knows most of a config's fields, and misses fewest.
pub(crate) fn nearest(fields: &Fields) -> Option<&'static str> {
    let telling: Vec<&str> = fields.telling().collect();
    let score = |model_type: &'static str| {
        let family = declared(model_type)?.ok()?;
        let known = telling.iter().filter(|field| family.knows(field)).count();
        // What it would have to have, and what would have to stand in for it.
        let missing = |size: &Size| !size.fields.iter().any(|field| telling.contains(&field.as_str()));
        let lacks = family.sizes.iter().filter(|(name, size)| {
            let field = family.used.contains(name) && !size.fields.is_empty() && size.when.is_none();
            field && missing(size)
        });
        let weight = |size: &Size| match size.default {
            None => 4,
            Some(Default::Class(number)) if number > 0.0 => 1,
            Some(_) => 0,
        };
        let lacks: i64 = lacks.map(|(_, size)| weight(size)).sum();
        Some((i64::try_from(known).ok()? - lacks, model_type))
    };
    // Of equals, the plainest.
    let best = std::iter::once("llama").chain(declared_types()).filter_map(score).fold(
        None,
        |best: Option<(i64, &str)>, next| match best {
            Some(best) if best.0 >= next.0 => Some(best),
            _ => Some(next),
        },
    );
    best.filter(|(score, _)| *score > 0).map(|(_, model_type)| model_type)
}

impl Family {
    /// Whether a field means something to it.
    fn knows(&self, field: &str) -> bool {
        let sizes = self.sizes.iter().filter(|(name, _)| self.used.contains(name)).flat_map(|(_, size)| &size.fields);
        let lists = self.by_layer.iter().map(|(_, list)| &list.field);
        let layers = self.layers.mixers.iter().chain(&self.layers.networks);
        sizes.chain(lists).chain(layers).any(|known| known == field)
    }
}
