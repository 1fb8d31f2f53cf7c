//! Models from configs.

use std::path::Path;

use serde_json::Value;

use crate::config::{Fields, object};
use crate::error::Error;
use crate::families::{FAMILIES, model_types};
use crate::file;
use crate::model::Model;
use crate::quantised::{self, Quantised};

/// The most bytes that a config has. The longest released ones, with lists by layers and modules, have about a million.
const CONFIG_LIMIT: u64 = 1 << 24;

impl Model {
    /// Reads a model from the text of a `config.json`.
    ///
    /// An error names the field, what was found and what was expected. Fields that nothing is known about are named in
    /// [`Model::warnings`].
    pub fn from_config(name: &str, text: &str) -> Result<Self, Error> {
        let (mut fields, notes) = text_part(object(text)?)?;
        let model_type = fields.text("model_type")?;
        let family = FAMILIES.iter().find(|family| family.model_type == model_type).ok_or_else(|| {
            let nearest = cost_core::nearest(&model_type, model_types());
            let guess = nearest.map_or_else(String::new, |near| format!(" (did you mean \"{near}\"?)"));
            let types: Vec<&str> = model_types().collect();
            Error::Field {
                field: "model_type".to_owned(),
                found: format!("\"{model_type}\""),
                expected: format!("one of {}{guess}", types.join(", ")),
            }
        })?;
        let context = match fields.optional_size("max_position_embeddings")? {
            Some(context) => Some(context),
            None => fields.optional_size("n_positions")?,
        };
        // The part of a head that is rotated changes no shape, but can't be larger than the head.
        fields.share("partial_rotary_factor")?;
        let quantised = quantised(&mut fields)?;
        let mut model = (family.read)(&mut fields)?;
        let mut warnings = fields.finish(&model_type)?;
        if let Some(quantised) = quantised {
            let formats = quantised::formats(&quantised, &model)?;
            model = model.stored(formats);
            warnings.extend(quantised.warnings);
        }
        let model = notes.iter().fold(model, |model, note| model.note(note));
        Ok(model.named(name, &model_type, context, warnings))
    }

    /// Reads a model from a `config.json`, or from a directory that holds one.
    pub fn from_path(path: &Path) -> Result<Self, Error> {
        let config = if path.is_dir() { path.join("config.json") } else { path.to_owned() };
        let shown = || config.display().to_string();
        let text = file::text(&config, CONFIG_LIMIT)?;
        let stem = if path.is_dir() { path.file_name() } else { path.file_stem() };
        let name = stem.map_or_else(shown, |stem| stem.to_string_lossy().into_owned());
        Self::from_config(&name, &text).map_err(|error| match error {
            Error::Cost(_) => error,
            other => Error::File { path: shown(), reason: other.to_string() },
        })
    }
}

/// What the config says of how weights are stored, under its name or an older one.
fn quantised(fields: &mut Fields) -> Result<Option<Quantised>, Error> {
    let dtype = match fields.text_or("torch_dtype", "")?.trim_start_matches("torch.") {
        "" => fields.text_or("dtype", "")?,
        other => other.to_owned(),
    };
    let dtype = match dtype.as_str() {
        "float32" => "f32",
        "float16" => "f16",
        _ => "bf16",
    };
    for field in ["quantization_config", "compression_config"] {
        if let Some(value) = fields.value(field) {
            return quantised::read(field, &value, dtype).map(Some);
        }
    }
    Ok(None)
}

/// Fields of a multimodal config, outside of `text_config`, that hold for the text part as well.
const SHARED: [&str; 4] = ["architectures", "quantization_config", "tie_word_embeddings", "torch_dtype"];

/// The fields of a multimodal config's text part, with a note on what is left out; those of another config as they are.
fn text_part(entries: Vec<(String, Value)>) -> Result<(Fields, Vec<String>), Error> {
    if !entries.iter().any(|(key, _)| key == "text_config") {
        return Ok((Fields::new(entries), Vec::new()));
    }
    let (mut inner, mut notes) = (Vec::new(), Vec::new());
    let mut outer = Vec::new();
    for (key, value) in entries {
        match value {
            Value::Object(text) if key == "text_config" => inner = text.into_iter().collect(),
            other if key == "text_config" => {
                return Err(Error::field("text_config", other.to_string(), "an object".to_owned()));
            }
            Value::Object(_) if key.ends_with("_config") && key != "quantization_config" => {
                notes.push(format!("the text part alone: {key} is left out"));
            }
            other => outer.push((key, other)),
        }
    }
    outer.retain(|(key, _)| SHARED.contains(&key.as_str()) && !inner.iter().any(|(known, _)| known == key));
    inner.extend(outer);
    Ok((Fields::new(inner), notes))
}
