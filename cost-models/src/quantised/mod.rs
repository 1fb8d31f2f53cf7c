//! `quantization_config` of a `config.json`: which weights are stored in which format.
//!
//! Each method replaces linear layers and leaves alone what its config lists. Embeddings, normalisations and biases are no
//! linear layers. The output head stays as it is unless the method says otherwise, as Hugging Face transformers
//! (`get_keys_to_not_convert`) and the methods' own tools have it; routers do too: in transformers they are parameters of
//! their own (`MixtralTopKRouter`, `DeepseekV3TopkRouter`), in vLLM they are made without a quantisation config, and files
//! that were made otherwise list them.

mod autoround;
mod compressed;
mod methods;
mod mlx;
mod modelopt;
mod modules;
mod quark;
mod rules;
mod torchao;
mod trellis;

use std::cell::Cell;
use std::collections::{BTreeSet, HashSet};
use std::path::Path;

use cost_core::cost::{Formats, Stored};
use cost_core::format::{Format, Group};
use cost_core::text::short;
use serde_json::Value;

use crate::config::{Fields, object, shown};
use crate::error::Error;
use crate::file;
use crate::model::Model;
use crate::note::Note;
use crate::weights::declared::{self, Declared};
use crate::wrapped;
use rules::Rules;

/// How a model's weights are stored.
#[derive(Clone, Debug, Default)]
pub(crate) struct Quantised {
    /// Modules and their formats, nothing where they stay as they are; the first that matches decides.
    rules: Rules,
    /// The format of key/value caches, if it is set.
    pub(crate) cache: Option<Format>,
    /// The field that says how long a group is, where each row must have whole ones.
    whole_groups: Option<&'static str>,
    /// Whether rules are about embedding tables too, and not only about what products multiply.
    embeddings: bool,
    /// Whether weights whose rows don't consist of whole groups stay as they are.
    only_whole_groups: bool,
    /// What there is to say: fields that nothing is known about, what isn't counted.
    pub(crate) notes: Vec<Note>,
}

/// What a weight belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Module {
    /// A linear layer.
    Linear,
    /// A linear layer of routed experts.
    Expert,
    /// What chooses the experts.
    Router,
    /// The output head.
    Head,
    /// A table of embeddings, which may be the head at once.
    Embedding,
}

/// The last parts of the names of routers.
const ROUTERS: &[&str] = &["gate", "router", "shared_expert_gate"];

/// What a weight belongs to; nothing if it is no linear layer's.
fn module_of(declared: &Declared, name: &str) -> Option<Module> {
    let tensor = &declared.tensor;
    let last = name.rsplit('.').next().unwrap_or_default();
    match tensor.part.as_deref() {
        Some("embedding") => Some(Module::Embedding),
        _ if !tensor.factor || last.contains("conv") => None,
        Some("norm" | "buffer") => None,
        Some("lm_head") => Some(Module::Head),
        _ if tensor.experts.is_some() => Some(Module::Expert),
        _ if ROUTERS.contains(&last) => Some(Module::Router),
        _ => Some(Module::Linear),
    }
}

/// How a weight is stored in a layer, and what it multiplies in, if a config says so.
pub(crate) fn of(quantised: Option<&Quantised>, declared: &Declared, layer: Option<u64>) -> Option<Stored> {
    let quantised = quantised?;
    let name = declared.module(layer);
    let module = module_of(declared, &name).filter(|module| quantised.embeddings || *module != Module::Embedding)?;
    let whole = |stored: &Stored| match stored.format.group {
        Group::Of(size) => declared.tensor.row.is_multiple_of(size.into()),
        _ => true,
    };
    quantised.of(&name, module).filter(|stored| !quantised.only_whole_groups || whole(stored))
}

/// The formats of a model's weights, layer by layer; and a note if the model has none of the weights that a config says
/// are quantised, as of a mixture's experts in a model without.
pub(crate) fn formats(quantised: &Quantised, model: &Model) -> Result<(Formats, Vec<Note>), Error> {
    let declared = declared::declared(model)?;
    quantised.rules.bounded(declared.iter().map(|it| it.layers.len().max(1)).sum())?;
    whole_groups(quantised, &declared)?;
    let found = Cell::new(false);
    let own = |_, it: &Declared, layer| {
        let stored = of(Some(quantised), it, layer);
        found.set(found.get() || stored.is_some());
        stored
    };
    let formats = declared::formats(&declared, own)?;
    let formats = Formats { cache: quantised.cache.or(formats.cache), ..formats };
    let expected = quantised.rules.iter().find_map(|(_, stored)| *stored).filter(|_| !found.get());
    let experts_only = quantised.rules.iter().all(|(modules, stored)| stored.is_none() || modules.are_experts());
    let note = expected.map(|Stored { format, .. }| {
        let what = if experts_only { "routed experts" } else { "linear layers that it doesn't leave as they are" };
        format!("quantization_config quantises no weight: the model has no {what} to be stored in {format}")
    });
    let mut notes: Vec<Note> = note.map(Note::new).into_iter().collect();
    notes.extend(unknown_modules(quantised, &declared));
    Ok((formats, notes))
}

/// A warning of modules that are to stay as they are, but of whose names the model knows no part.
fn unknown_modules(quantised: &Quantised, declared: &[Declared]) -> Option<Note> {
    const NAMED: usize = 3;
    let named = quantised.rules.iter().filter(|(_, format)| format.is_none()).filter_map(|(modules, _)| modules.name());
    let mut named = named.peekable();
    named.peek()?;
    let modules: Vec<String> = declared.iter().map(|it| it.module(it.places().first().copied().flatten())).collect();
    let parts: HashSet<&str> = modules.iter().flat_map(|module| module.split('.')).collect();
    let common = |part: &str| matches!(part, "model" | "layers") || part.bytes().all(|byte| byte.is_ascii_digit());
    let known = |name: &str| name.split('.').any(|part| !common(part) && parts.contains(part));
    let unknown: Vec<&str> = named.filter(|name| !known(name) && !name.split('.').all(common)).collect();
    let unknown: Vec<&str> = unknown.into_iter().filter(|name| !wrapped::is_other_input(name)).collect();
    if unknown.is_empty() {
        return None;
    }
    let more = if unknown.len() > NAMED { format!(" and {} more", unknown.len() - NAMED) } else { String::new() };
    let listed = unknown[..unknown.len().min(NAMED)].join(", ");
    let text = format!("modules that are to stay as they are, but are none of the model's: {listed}{more}");
    Some(Note::warning(text).about("quantization_config"))
}

/// An error if a row doesn't consist of whole groups, where a method's code demands that it does.
fn whole_groups(quantised: &Quantised, declared: &[Declared]) -> Result<(), Error> {
    let Some(field) = quantised.whole_groups else { return Ok(()) };
    let groups = quantised.rules.iter().filter_map(|(_, format)| match format.map(|stored| stored.format.group) {
        Some(Group::Of(size)) => Some(u128::from(size)),
        _ => None,
    });
    let groups: BTreeSet<u128> = groups.collect();
    // Nearly all configs have one size of group; only of others must each weight be looked at.
    for it in declared {
        let rows = it.tensor.row;
        let Some(size) = groups.iter().find(|size| !rows.is_multiple_of(**size)) else { continue };
        let layer = it.places().first().copied().flatten();
        let format = of(Some(quantised), it, layer).map(|stored| stored.format.group);
        if matches!(format, Some(Group::Of(own)) if u128::from(own) == *size) {
            let expected = format!("a divisor of {rows}, the length of the rows of {}", it.module(layer));
            return Err(Error::field(field, size, expected));
        }
    }
    Ok(())
}

impl Quantised {
    /// How the weight of a module is stored, if it isn't left as it is.
    pub(crate) fn of(&self, name: &str, module: Module) -> Option<Stored> {
        self.rules.of(name, module)
    }
}

/// Reads the value of the field. `dtype` is the type that the config has for everything else.
///
/// An error names the field, what was found and what was expected.
pub(crate) fn read(field: &str, value: &Value, dtype: &str) -> Result<Quantised, Error> {
    let mut fields = Fields::of_value(field, value)?;
    let mut quantised = methods::read(&mut fields, dtype).map_err(|error| error.inside(field))?;
    for (name, value) in fields.unread() {
        let (name, value) = (short(name, 80), shown(value));
        let text = format!("unknown field {field}.{name} ({value}) is not accounted for");
        quantised.notes.push(Note::warning(text).about(&format!("{field}.{name}")));
    }
    Ok(quantised)
}

/// What `ModelOpt` says of the weights in a file beside a config, if there is one that quantises any.
pub(crate) fn beside(config: &Path) -> Result<Option<Value>, Error> {
    let path = config.with_file_name(BESIDE);
    if config.file_name().is_some_and(|name| name == BESIDE) || !path.is_file() {
        return Ok(None);
    }
    let text = file::text(&path, 1 << 24)?;
    let entries = object(&text).map_err(|error| file::wrong(&path, &error.to_string()))?;
    let settings = entries.into_iter().find(|(key, _)| key == "quantization").map(|(_, value)| value);
    Ok(settings.filter(|settings| settings.get("quant_algo").is_some_and(|algorithm| !algorithm.is_null())))
}

/// The file beside a config in which `ModelOpt` says how weights are stored; read as a field of that name.
pub(crate) const BESIDE: &str = "hf_quant_config.json";
