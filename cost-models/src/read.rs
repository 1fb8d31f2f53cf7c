//! Models from configs.

use std::path::Path;
use std::sync::Arc;

use cost_core::Options;
use cost_core::format::Format;
use cost_core::text::short;
use serde_json::Value;

use crate::config::{Fields, object};
use crate::error::Error;
use crate::families::decoder::not_causal;
use crate::families::{self, model_types, type_of};
use crate::family::{self, Family, Towers};
use crate::file;
use crate::model::{Model, Workload};
use crate::note::Note;
use crate::quantised::{self, Quantised};
use crate::report::params;
use crate::tower::Tower;
use crate::weights::{self, WeightsFile};
use crate::wrapped::TextPart;

/// The most bytes that a config has. The longest released ones, with lists by layers and modules, have about a million.
const CONFIG_LIMIT: u64 = 1 << 24;

/// How a config is read whose model type isn't known, or not as it is meant.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    /// A declaration of one's own, for the model types that it declares.
    pub family: Option<Arc<Family>>,
    /// The model type that the config is read as, whatever it says.
    pub like: Option<String>,
    /// Whether of a model that takes other inputs too the text part alone is read, by what stands in its own config.
    pub text_only: bool,
    /// Whether all weights are given a format, so that what the config says of theirs need not be understood.
    pub weights_given: bool,
}

impl Model {
    /// Reads a model from the text of a `config.json`.
    ///
    /// An error names the field, what was found and what was expected. Fields that nothing is known about are named in
    /// [`Model::notes`], as warnings.
    pub fn from_config(name: &str, text: &str) -> Result<Self, Error> {
        Self::from_config_as(name, text, &Reading::default())
    }

    /// As [`Model::from_config`], with a declaration of one's own, or as another model type.
    pub fn from_config_as(name: &str, text: &str, reading: &Reading) -> Result<Self, Error> {
        Self::of_entries(name, &object(text)?, reading)
    }

    /// The same of a config's fields and their values.
    fn of_entries(name: &str, entries: &[(String, Value)], reading: &Reading) -> Result<Self, Error> {
        let whole = if reading.text_only { None } else { whole_of(entries, reading).transpose()? };
        let mut part = TextPart::of(entries, reading.text_only, whole.as_deref())?;
        let mut own = Vec::new();
        if part.notes.is_none() {
            identify(&mut part.entries, &mut own)?;
        }
        let fields = Fields::new(std::mem::take(&mut part.entries)).inside(part.notes.is_some());
        let mut model = from_fields(name, fields, reading).map_err(|error| part.located(error))?;
        model.notes.splice(0..0, own);
        let (Some(notes), Some(whole)) = (&part.notes, whole) else {
            return Ok(match part.notes {
                Some(notes) => model.text_part(notes),
                None => model,
            });
        };
        let mut notes = notes.clone();
        let model = match whole.towers(entries, part.flat, &model)? {
            Towers::Known(towers, said) => {
                notes.extend(said);
                if model.quantised().is_some() {
                    let text =
                        "what is said of quantised weights is read of the text part; towers are counted as they are";
                    notes.push(Note::new(text).about("quantization_config"));
                }
                let dtype = model.formats().weights;
                let stored = |part: Self| match dtype {
                    Some(dtype) => part.stored_in(dtype),
                    None => part,
                };
                let towers = towers.into_iter().map(|tower| Tower {
                    encoder: stored(tower.encoder),
                    projector: stored(tower.projector),
                    ..tower
                });
                model.with_towers(towers.collect())
            }
            Towers::Other(field, found) => {
                let text = format!(
                    "{field} is of model_type \"{}\", of which nothing is known: it is left out",
                    short(found, 80)
                );
                notes.push(Note::warning(text).about(&field));
                model
            }
        };
        Ok(model.text_part(notes))
    }

    /// Reads a model from a `config.json`, from a directory that holds one, with the formats of its weights if these are
    /// there too, or from a file of weights: GGUF, or safetensors with a `config.json` beside it.
    pub fn from_path(path: &Path) -> Result<Self, Error> {
        Self::from_path_as(path, &Reading::default())
    }

    /// As [`Model::from_path`], with a declaration of one's own, or as another model type.
    pub fn from_path_as(path: &Path, reading: &Reading) -> Result<Self, Error> {
        let ends = |end: &str| path.extension().is_some_and(|found| found.eq_ignore_ascii_case(end));
        let stem = if path.is_dir() { path.file_name() } else { path.file_stem() };
        let name = stem.map_or_else(|| path.display().to_string(), |stem| stem.to_string_lossy().into_owned());
        let name = short(name, usize::MAX);
        if ends("gguf") {
            return from_gguf(&name, path, reading);
        }
        let weights = weights::of_directory(path).or_else(|| ends("safetensors").then(|| path.to_owned()));
        let config = match &weights {
            Some(weights) => weights.with_file_name("config.json"),
            None if path.is_dir() => path.join("config.json"),
            None => path.to_owned(),
        };
        let text = file::text(&config, CONFIG_LIMIT)?;
        let beside = quantised::beside(&config)?.map(|settings| (quantised::BESIDE.to_owned(), settings));
        let model = object(&text).and_then(|mut entries| {
            entries.extend(beside);
            Self::of_entries(&name, &entries, reading)
        });
        let model = model.map_err(|error| in_file(&config, error))?;
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
fn from_gguf(name: &str, path: &Path, reading: &Reading) -> Result<Model, Error> {
    let weights = WeightsFile::open(path)?;
    let model = weights::config(&weights).and_then(|(entries, warnings)| {
        let mut model = from_fields(name, Fields::new(entries), reading)?;
        model.notes.extend(warnings);
        model.with_weights(&weights)
    });
    model.map_err(|error| in_file(path, error))
}

/// The declaration of a model of text and images that a config is of.
fn whole_of(entries: &[(String, Value)], reading: &Reading) -> Option<Result<Arc<Family>, Error>> {
    let given = entries.iter().find(|(field, _)| field == "model_type").and_then(|(_, value)| value.as_str())?;
    // What is read as another type is a language model.
    if reading.like.is_some() {
        return None;
    }
    let own = reading.family.as_ref().filter(|own| own.has_towers() && own.types().iter().any(|own| own == given));
    own.map(|own| Ok(own.clone())).or_else(|| family::whole(given))
}

/// A model from the fields of its config.
fn from_fields(name: &str, mut fields: Fields, reading: &Reading) -> Result<Model, Error> {
    let given = fields.text("model_type")?;
    let (model_type, read_as) = match &reading.like {
        Some(like) if *like != given => {
            let text = format!("model_type \"{}\" is read as \"{like}\", as was asked", short(&given, 80));
            (like.clone(), Some(Note::new(text).about("model_type")))
        }
        _ => (given, None),
    };
    let context = match fields.optional_size("max_position_embeddings")? {
        Some(context) => Some(context),
        None => match fields.optional_size("n_positions")? {
            Some(context) => Some(context),
            None => fields.optional_size("max_target_positions")?,
        },
    };
    // The part of a head that is rotated changes no shape, but can't be larger than the head.
    fields.share("partial_rotary_factor")?;
    let dtype = weights_type(&mut fields)?;
    let (quantised, unread) = quantised(&mut fields, dtype, reading)?;
    let own = reading.family.as_ref().filter(|family| family.types().contains(&model_type));
    let model = match own {
        Some(family) => family.read(&mut fields)?,
        None => match families::read(&model_type, &mut fields) {
            Some(model) => model?,
            None => return Err(unknown_type(&model_type, reading, nearest(name, &fields))),
        },
    };
    let causal = !fields.has("is_causal") || fields.flag("is_causal", true)?;
    let model = if causal { model } else { not_causal(model)? };
    let headless = model.has_head() && !generates(&mut fields)?;
    let warnings = fields.finish(&model_type)?;
    let mut model = model.named(name, &model_type, context);
    model.notes.splice(0..0, read_as);
    model.notes.extend(warnings);
    model.notes.extend(unread);
    if headless {
        let text = "architectures names a model without a head over the vocabulary: none is counted";
        model = model.headless().noted(Note::new(text).about("architectures"));
    }
    let model = model.stored_in(Format::known(dtype));
    match quantised {
        Some(quantised) => model.with_quantised(quantised),
        None => Ok(model),
    }
}

/// Gives a config without a type the one that its `architectures` name.
fn identify(entries: &mut Vec<(String, Value)>, notes: &mut Vec<Note>) -> Result<(), Error> {
    let there = entries.iter().any(|(key, value)| key == "model_type" && !value.is_null());
    let classes = entries.iter().find(|(key, _)| key == "architectures").and_then(|(_, value)| value.as_array());
    let Some([class]) = classes.filter(|_| !there).map(Vec::as_slice) else { return Ok(()) };
    let class = class.as_str().unwrap_or_default();
    let model_type = type_of(class).ok_or_else(|| {
        let expected = format!("a text, as nothing is known of the class \"{class}\" that architectures names");
        Error::field("model_type", "nothing", expected)
    })?;
    let text = format!("not in the config: \"{model_type}\" is the type of the class {class} that architectures names");
    notes.push(Note::new(format!("model_type is {text}")).about("model_type"));
    entries.retain(|(key, _)| key != "model_type");
    entries.push(("model_type".to_owned(), Value::from(model_type)));
    Ok(())
}

/// A type that nothing is known about. A type that differs in its number is another architecture, no slip.
fn unknown_type(found: &str, reading: &Reading, like: Option<(String, u128)>) -> Error {
    let mut types: Vec<&str> = reading.family.iter().flat_map(|family| family.types()).map(String::as_str).collect();
    model_types().for_each(|known| types.push(known));
    types.sort_by_key(|known| known.to_lowercase());
    let model_types = || types.iter().copied();
    let number = |name: &str| name.chars().filter(char::is_ascii_digit).collect::<String>();
    let letters = |name: &str| name.chars().filter(char::is_ascii_alphabetic).collect::<String>();
    let known = model_types().collect::<Vec<_>>().join(", ");
    let near = cost_core::nearest(found, model_types());
    // Once, as what was found may be long.
    let (own_letters, own_number) = (letters(found), number(found));
    let other = model_types().find(|known| letters(known) == own_letters && number(known) != own_number);
    let like = like.map_or_else(String::new, |(like, params)| {
        format!("; its fields are nearest to those of \"{like}\", like which it would have {params} parameters")
    });
    let aside = match (near, other) {
        (_, Some(other)) => format!(" (\"{other}\" is another architecture)"),
        (Some(near), None) if number(near) == own_number => format!(" (did you mean \"{near}\"?)"),
        _ => String::new(),
    };
    // They are many, and the last of them may be cut off.
    Error::field("model_type", format!("\"{found}\""), format!("a known type{aside}{like}; one of {known}"))
}

/// The known type that a config of an unknown one could be read as, by its fields, and how many parameters it then has.
fn nearest(name: &str, fields: &Fields) -> Option<(String, u128)> {
    let like = family::nearest(fields)?;
    let reading = Reading { like: Some(like.to_owned()), ..Reading::default() };
    let model = from_fields(name, fields.unread_again(), &reading).ok()?;
    let params = params(&model, &Workload::prefill(1, 1), &Options::default()).ok()?;
    Some((like.to_owned(), params.total))
}

/// Whether the config is that of a model with a head over the vocabulary; an error if it has another one.
fn generates(fields: &mut Fields) -> Result<bool, Error> {
    const HEADS: [&str; 4] = ["ForCausalLM", "ForConditionalGeneration", "LMHeadModel", "MTModel"];
    let classes = fields.texts("architectures")?.unwrap_or_default();
    let head = |class: &String| HEADS.iter().any(|head| class.ends_with(head));
    match classes.iter().find(|class| !head(class) && !class.ends_with("Model")) {
        Some(class) => Err(Error::field(
            "architectures",
            format!("\"{class}\""),
            "a class with a head over the vocabulary, as …ForCausalLM, or with none, as …Model",
        )),
        None => Ok(classes.is_empty() || classes.iter().any(head)),
    }
}

/// What the config says of how weights are stored, under its name or another one, or what a file beside it says.
///
/// Where all weights are given a format, a method that isn't known is no error.
fn quantised(fields: &mut Fields, dtype: &str, reading: &Reading) -> Result<(Option<Quantised>, Option<Note>), Error> {
    const FIELDS: [&str; 4] = ["quantization", "quantization_config", "compression_config", quantised::BESIDE];
    let filled = |value: &Value| value.as_object().is_none_or(|entries| !entries.is_empty());
    let found = FIELDS.iter().find_map(|field| Some((*field, fields.value(field).filter(filled)?)));
    // MLX says the same in two fields, and ModelOpt beside the config again.
    fields.passed(&FIELDS);
    let Some((field, value)) = found else { return Ok((None, None)) };
    match quantised::read(field, &value, dtype) {
        Ok(quantised) => Ok((Some(quantised), None)),
        Err(error) if reading.weights_given => {
            let text = format!("{field} isn't read, as the weights are given a format: {error}");
            Ok((None, Some(Note::new(text).about(field))))
        }
        Err(error) => Err(error),
    }
}

/// The type of the weights that aren't quantised: 16 bits where the config doesn't say.
fn weights_type(fields: &mut Fields) -> Result<&'static str, Error> {
    let (older, newer) = (dtype(fields, "torch_dtype")?, dtype(fields, "dtype")?);
    Ok(newer.or(older).unwrap_or("bf16"))
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
