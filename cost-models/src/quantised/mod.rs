//! `quantization_config` of a `config.json`: which weights are stored in which format.
//!
//! Each method replaces linear layers and leaves alone what its config lists. Embeddings, normalisations and biases are no
//! linear layers. The output head stays as it is unless the method says otherwise, as Hugging Face transformers
//! (`get_keys_to_not_convert`) and the methods' own tools have it; routers do too: in transformers they are parameters of
//! their own (`MixtralTopKRouter`, `DeepseekV3TopkRouter`), in vLLM they are made without a quantisation config, and files
//! that were made otherwise list them.

mod compressed;
mod methods;
mod modules;
mod rules;

use std::cell::Cell;
use std::path::Path;

use cost_core::cost::{Formats, Stored};
use cost_core::format::Format;
use cost_core::text::short;
use serde_json::Value;

use crate::config::{Fields, object, shown};
use crate::error::Error;
use crate::file;
use crate::model::Model;
use crate::note::Note;
use crate::weights::declared::{self, Declared};
use rules::Rules;

/// How a model's weights are stored.
#[derive(Clone, Debug, Default)]
pub(crate) struct Quantised {
    /// Modules and their formats, nothing where they stay as they are; the first that matches decides.
    rules: Rules,
    /// The format of key/value caches, if it is set.
    pub(crate) cache: Option<Format>,
    /// Fields that nothing is known about.
    pub(crate) warnings: Vec<Note>,
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
}

/// The last parts of the names of routers.
const ROUTERS: &[&str] = &["gate", "router", "shared_expert_gate"];

/// What a weight belongs to; nothing if it is no linear layer's.
fn module_of(declared: &Declared, name: &str) -> Option<Module> {
    let tensor = &declared.tensor;
    let last = name.rsplit('.').next().unwrap_or_default();
    match tensor.part.as_deref() {
        _ if !tensor.factor || last.contains("conv") => None,
        Some("embedding" | "norm" | "buffer") => None,
        Some("lm_head") => Some(Module::Head),
        _ if tensor.experts.is_some() => Some(Module::Expert),
        _ if ROUTERS.contains(&last) => Some(Module::Router),
        _ => Some(Module::Linear),
    }
}

/// How a weight is stored in a layer, and what it multiplies in, if a config says so.
pub(crate) fn of(quantised: Option<&Quantised>, declared: &Declared, layer: Option<u64>) -> Option<Stored> {
    let name = declared.module(layer);
    module_of(declared, &name).and_then(|module| quantised?.of(&name, module))
}

/// The formats of a model's weights, layer by layer; and a note if the model has none of the weights that a config says
/// are quantised, as of a mixture's experts in a model without.
pub(crate) fn formats(quantised: &Quantised, model: &Model) -> Result<(Formats, Option<String>), Error> {
    let declared = declared::declared(model)?;
    quantised.rules.bounded(declared.iter().map(|it| it.layers.len().max(1)).sum())?;
    let found = Cell::new(false);
    let own = |it: &Declared, layer| {
        let stored = of(Some(quantised), it, layer);
        found.set(found.get() || stored.is_some());
        stored
    };
    let formats = declared::formats(&declared, own)?;
    let formats = Formats { cache: quantised.cache.unwrap_or(formats.cache), ..formats };
    let expected = quantised.rules.iter().find_map(|(_, stored)| *stored).filter(|_| !found.get());
    let experts_only = quantised.rules.iter().all(|(modules, stored)| stored.is_none() || modules.are_experts());
    let note = expected.map(|Stored { format, .. }| {
        let what = if experts_only { "routed experts" } else { "linear layers that it doesn't leave as they are" };
        format!("quantization_config quantises no weight: the model has no {what} to be stored in {format}")
    });
    Ok((formats, note))
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
        quantised.warnings.push(Note::warning(text).about(&format!("{field}.{name}")));
    }
    Ok(quantised)
}

/// An error if beside a config there is a file in which `ModelOpt` says how the weights are stored: without reading it they
/// would be taken for what the config says.
pub(crate) fn beside(config: &Path) -> Result<(), Error> {
    const NAME: &str = "hf_quant_config.json";
    let path = config.with_file_name(NAME);
    if config.file_name().is_some_and(|name| name == NAME) || !path.is_file() {
        return Ok(());
    }
    let text = file::text(&path, 1 << 24)?;
    let entries = object(&text).map_err(|error| file::wrong(&path, &error.to_string()))?;
    let settings = entries.iter().find(|(key, _)| key == "quantization").map(|(_, value)| value);
    let method = settings.and_then(|settings| settings.get("quant_algo"));
    match method.filter(|method| !method.is_null()) {
        None => Ok(()),
        Some(method) => {
            let expected = format!(
                "none: the formats of ModelOpt are not known here; expected weights whose formats config.json says"
            );
            Err(file::wrong(&path, &Error::field("quantization.quant_algo", method, expected).to_string()))
        }
    }
}
