//! The built-in models: published configs, with their sources.

use crate::error::Error;
use crate::model::Model;

/// A built-in model.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// The name that it is asked for by.
    pub name: &'static str,
    /// Its released config.
    pub config: &'static str,
    /// Where the config was published.
    pub source: &'static str,
}

macro_rules! entries {
    ($($name:literal, $source:literal;)*) => {
        &[$(Entry { name: $name, config: include_str!(concat!($name, ".json")), source: $source },)*]
    };
}

/// Every built-in model, by family and size.
pub const ENTRIES: &[Entry] = entries! {
    "llama-2-7b", "github mlc-ai/mlc-llm@79d603f085f5 python/mlc_llm/model/model_preset.py";
    "llama-2-70b", "github mlc-ai/mlc-llm@79d603f085f5 python/mlc_llm/model/model_preset.py";
    "llama-3.1-8b", "github ai-dynamo/aiconfigurator@095f58a51c4c meta-llama--Meta-Llama-3.1-8B_config.json";
    "mistral-7b-v0.1", "github mlc-ai/mlc-llm@79d603f085f5 python/mlc_llm/model/model_preset.py";
};

/// The built-in model of that name; an error with the nearest name if there is none.
pub fn find(name: &str) -> Result<Model, Error> {
    let named = |entry: &&Entry| entry.name.eq_ignore_ascii_case(name);
    match ENTRIES.iter().find(named) {
        Some(entry) => Model::from_config(entry.name, entry.config),
        None => Err(Error::Unknown {
            name: name.to_owned(),
            nearest: cost_core::nearest(name, ENTRIES.iter().map(|entry| entry.name)).map(str::to_owned),
        }),
    }
}
