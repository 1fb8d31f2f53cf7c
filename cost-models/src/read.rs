//! Models from configs.

use std::path::Path;

use serde_json::Value;

use crate::config::{Fields, object};
use crate::error::Error;
use crate::families::{FAMILIES, model_types};
use crate::file;
use crate::model::Model;
use crate::note::Note;
use crate::quantised::{self, Quantised};
use crate::weights::{self, WeightsFile};

/// The most bytes that a config has. The longest released ones, with lists by layers and modules, have about a million.
const CONFIG_LIMIT: u64 = 1 << 24;

impl Model {
    /// Reads a model from the text of a `config.json`.
    ///
    /// An error names the field, what was found and what was expected. Fields that nothing is known about are named in
    /// [`Model::notes`], as warnings.
    pub fn from_config(name: &str, text: &str) -> Result<Self, Error> {
        let (fields, notes) = text_part(object(text)?)?;
        let model = from_fields(name, fields)?;
        Ok(if notes.is_empty() { model } else { model.text_part(notes) })
    }

    /// Reads a model from a `config.json`, from a directory that holds one, with the formats of its weights if these are
    /// there too, or from a file of weights: GGUF, or safetensors with a `config.json` beside it.
    pub fn from_path(path: &Path) -> Result<Self, Error> {
        let ends = |end: &str| path.extension().is_some_and(|found| found.eq_ignore_ascii_case(end));
        let stem = if path.is_dir() { path.file_name() } else { path.file_stem() };
        let name = stem.map_or_else(|| path.display().to_string(), |stem| stem.to_string_lossy().into_owned());
        if ends("gguf") {
            return from_gguf(&name, path);
        }
        let weights = weights::of_directory(path).or_else(|| ends("safetensors").then(|| path.to_owned()));
        let config = match &weights {
            Some(weights) => weights.with_file_name("config.json"),
            None if path.is_dir() => path.join("config.json"),
            None => path.to_owned(),
        };
        let text = file::text(&config, CONFIG_LIMIT)?;
        let model = Self::from_config(&name, &text).map_err(|error| in_file(&config, error))?;
        match weights {
            Some(weights) => model.with_weights_at(&weights),
            None => Ok(model),
        }
    }

    /// The model with weights stored as they are in a file, or in several as [`WeightsFile::open`] finds them.
    ///
    /// An error lists tensors that are missing, left over or of another shape.
    pub fn with_weights_at(self, path: &Path) -> Result<Self, Error> {
        self.with_weights(&WeightsFile::open(path)?).map_err(|error| in_file(path, error))
    }
}

/// An error that isn't about an evaluation as one about a file.
fn in_file(path: &Path, error: Error) -> Error {
    match error {
        Error::Cost(_) => error,
        other => file::wrong(path, &other.to_string()),
    }
}

/// A model from a GGUF file alone: its architecture from the metadata.
fn from_gguf(name: &str, path: &Path) -> Result<Model, Error> {
    let weights = WeightsFile::open(path)?;
    let model = weights::config(&weights).and_then(|(entries, warnings)| {
        let mut model = from_fields(name, Fields::new(entries))?;
        model.notes.extend(warnings);
        model.with_weights(&weights)
    });
    model.map_err(|error| in_file(path, error))
}

/// A model from the fields of its config.
fn from_fields(name: &str, mut fields: Fields) -> Result<Model, Error> {
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
    let model = (family.read)(&mut fields)?;
    if !model.is_encoder() {
        generates(&mut fields)?;
    }
    let warnings = fields.finish(&model_type)?;
    let mut model = model.named(name, &model_type, context);
    model.notes.extend(warnings);
    match quantised {
        Some(quantised) => model.with_quantised(quantised),
        None => Ok(model),
    }
}

/// An error if the config is that of a model with another head than one over the vocabulary.
fn generates(fields: &mut Fields) -> Result<(), Error> {
    const HEADS: [&str; 4] = ["ForCausalLM", "ForConditionalGeneration", "LMHeadModel", "Model"];
    let classes = fields.texts("architectures")?.unwrap_or_default();
    match classes.iter().find(|class| !HEADS.iter().any(|head| class.ends_with(head))) {
        Some(class) => Err(Error::field(
            "architectures",
            format!("\"{class}\""),
            "a class with a head over the vocabulary, as …ForCausalLM",
        )),
        None => Ok(()),
    }
}

/// What the config says of how weights are stored, under its name or an older one.
fn quantised(fields: &mut Fields) -> Result<Option<Quantised>, Error> {
    let (older, newer) = (dtype(fields, "torch_dtype")?, dtype(fields, "dtype")?);
    let dtype = older.or(newer).unwrap_or("bf16");
    for field in ["quantization_config", "compression_config"] {
        if let Some(value) = fields.value(field) {
            return quantised::read(field, &value, dtype).map(Some);
        }
    }
    Ok(None)
}

/// The type that a field names, as PyTorch does; nothing if it isn't there or leaves it to the weights.
fn dtype(fields: &mut Fields, field: &str) -> Result<Option<&'static str>, Error> {
    const TYPES: [(&str, &str); 5] =
        [("bfloat16", "bf16"), ("float16", "f16"), ("half", "f16"), ("float32", "f32"), ("float", "f32")];
    let name = fields.text_or(field, "auto")?;
    if name == "auto" {
        return Ok(None);
    }
    let known = TYPES.iter().find(|(known, _)| *known == name.strip_prefix("torch.").unwrap_or(&name));
    known.map(|(_, format)| Some(*format)).ok_or_else(|| {
        let expected = TYPES.map(|(known, _)| format!("\"{known}\"")).join(", ");
        Error::field(field, format!("\"{name}\""), format!("one of {expected} or \"auto\""))
    })
}

/// Fields of a multimodal config, outside of `text_config`, that the text part may repeat with another value.
const SHARED: [&str; 8] = [
    "architectures",
    "dtype",
    "initializer_range",
    "quantization_config",
    "tie_word_embeddings",
    "torch_dtype",
    "transformers_version",
    "use_cache",
];

/// The fields of a multimodal config's text part, with notes on what is left out; those of another config as they are.
///
/// What stands beside the text part and is neither shared nor about other inputs than text is kept, so that it is looked at
/// like every field that nobody reads.
fn text_part(entries: Vec<(String, Value)>) -> Result<(Fields, Vec<Note>), Error> {
    const OTHER_INPUTS: [&str; 8] = ["audio", "image", "img", "mm_", "projector", "token_id", "video", "vision"];
    if !entries.iter().any(|(key, _)| key == "text_config") {
        return Ok((Fields::new(entries), Vec::new()));
    }
    let (mut inner, mut outer, mut notes) = (Vec::new(), Vec::new(), Vec::new());
    for (key, value) in entries {
        match value {
            Value::Object(text) if key == "text_config" => inner = text.into_iter().collect(),
            other if key == "text_config" => return Err(Error::field("text_config", other, "an object")),
            Value::Object(_) if key.ends_with("_config") && key != "quantization_config" => {
                notes.push(Note::note(format!("the text part alone: {key} is left out")).about(&key));
            }
            Value::String(whole) if key == "model_type" => {
                let text = format!("text_config alone is read of this config of model_type \"{whole}\"");
                notes.push(Note::note(text).about("model_type"));
            }
            other if !OTHER_INPUTS.iter().any(|part| key.contains(part)) => outer.push((key, other)),
            _ => {}
        }
    }
    for (key, value) in outer {
        match inner.iter().find(|(known, _)| *known == key) {
            None => inner.push((key, value)),
            Some((_, own)) if *own == value || value.is_null() || SHARED.contains(&key.as_str()) => {}
            Some((_, own)) => {
                let expected = format!("{own}, as text_config says");
                return Err(Error::field(&key, value, expected));
            }
        }
    }
    Ok((Fields::new(inner), notes))
}
