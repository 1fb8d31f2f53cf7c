//! Configs of models that take other inputs too: their text part stands in `text_config`.

use cost_core::text::short;
use serde_json::{Map, Value};

use crate::config::{harmless, shown};
use crate::error::Error;
use crate::family::Family;
use crate::note::{Level, Note};
use crate::wholes::{BOTH_WAYS, Tied, Whole};

/// A config's text part: the config itself, or what stands in its `text_config`.
pub(crate) struct TextPart {
    /// Its fields, and those of the whole that concern it.
    pub(crate) entries: Vec<(String, Value)>,
    /// What there is to say; nothing if the config is its own text part.
    pub(crate) notes: Option<Vec<Note>>,
    /// The fields that stand inside, so that errors can say so, and the type of the whole, if that is another config.
    inside: Vec<String>,
    whole: String,
    /// Whether its fields stand beside those of the other parts.
    pub(crate) flat: bool,
}

/// Parts of names of fields that are about other inputs than text.
const OTHER_INPUTS: &[&str] = &[
    "audio",
    "deepstack",
    "downsample",
    "dynamic_image",
    "ignore_index",
    "image",
    "img",
    "media",
    "merge_size",
    "mm_",
    "multi_modal",
    "multimodal",
    "patch",
    "pixel",
    "projector",
    "ps_version",
    "select_layer",
    "thumbnail",
    "token_id",
    "tokens_per_second",
    "video",
    "vision",
    "visual",
];

/// Fields of a whole that are about all of its parts.
pub(crate) const OF_ALL: &[&str] = &[
    "architectures",
    "compression_config",
    "dtype",
    "max_position_embeddings",
    "quantization",
    "quantization_config",
    "torch_dtype",
];

/// Whether a field or a module is about other inputs than text, by its name.
pub(crate) fn is_other_input(name: &str) -> bool {
    OTHER_INPUTS.iter().any(|part| name.contains(part))
}

/// What a field holds, if it is there.
fn value_of<'e>(entries: &'e [(String, Value)], field: &str) -> Option<&'e Value> {
    entries.iter().find(|(key, _)| key == field).map(|(_, value)| value)
}

impl TextPart {
    /// Finds it. What stands beside the text part and is neither shared nor about other inputs than text is kept, so that it
    /// is looked at like every field that nobody reads. Parts left out are said, as a warning unless the text `alone` was asked
    /// for.
    ///
    /// Where the other parts are read too, the whole's own fields are theirs.
    pub(crate) fn of(entries: &[(String, Value)], alone: bool, others: Option<&Family>) -> Result<Self, Error> {
        let whole = short(value_of(entries, "model_type").and_then(Value::as_str).unwrap_or_default(), 80);
        let known = Whole::find(&whole);
        let inner = match (value_of(entries, "text_config"), known) {
            (Some(Value::Object(inner)), _) => inner.clone(),
            (None | Some(Value::Null), Some(_)) => Map::new(),
            (None, None) => {
                return Ok(Self {
                    notes: None,
                    inside: Vec::new(),
                    whole: String::new(),
                    flat: false,
                    entries: entries.to_vec(),
                });
            }
            (Some(other), _) => return Err(Error::field("text_config", other, "an object")),
        };
        let flat = known.is_some_and(Whole::is_flat) && inner.is_empty();
        let mut notes = Vec::new();
        if others.is_none() {
            let part = if flat { "the text part" } else { "text_config" };
            let text = format!("{part} alone is read of this config of model_type \"{whole}\"");
            notes.push(Note::new(text).about("model_type"));
        }
        let inside = inner.keys().cloned().collect();
        let mut part = Self { entries: Vec::new(), notes: None, inside, whole, flat };
        let mut inner = part.typed(known, inner, flat, &mut notes);
        // It decodes token by token all the same.
        let both_ways = inner.get(BOTH_WAYS).is_some_and(|value| *value == Value::Bool(true));
        if both_ways && known.is_some_and(|known| known.is_other(BOTH_WAYS)) {
            let text = "the tokens of a prompt see each other, but are counted as if each saw those before it; dense masking counts all";
            notes.push(Note::new(text).about(&format!("text_config.{BOTH_WAYS}")));
        }
        inner.retain(|key, _| !known.is_some_and(|known| known.is_other(key)));
        part.tie(known, alone, &mut inner, entries, &mut notes);
        // The class of the whole says what there is, and its type in what its files are, whatever its text part was before.
        for names in [&["architectures"][..], &["dtype", "torch_dtype"]] {
            if names.iter().any(|name| value_of(entries, name).is_some_and(|value| !value.is_null())) {
                inner.retain(|key, _| !names.contains(&key.as_str()));
            }
        }
        let left_out = if alone { Level::Note } else { Level::Warning };
        for (key, value) in entries {
            let other = match others {
                Some(others) if flat => others.reads(key),
                Some(_) => !OF_ALL.contains(&key.as_str()),
                None => known.is_some_and(|known| known.is_other(key)),
            };
            let kept = !matches!(key.as_str(), "text_config" | "model_type" | "tie_word_embeddings");
            if kept && !other {
                Self::share(&mut inner, key, value, left_out, &mut notes)?;
            }
        }
        part.entries = inner.into_iter().collect();
        part.notes = Some(notes);
        Ok(part)
    }

    /// The fields inside with a type.
    fn typed(
        &self,
        known: Option<&Whole>,
        mut inner: Map<String, Value>,
        flat: bool,
        notes: &mut Vec<Note>,
    ) -> Map<String, Value> {
        // Whoever reads it says what is wrong.
        if let Some(known) = known.filter(|_| inner.get("model_type").is_none_or(Value::is_null)) {
            if !flat {
                let text = format!("text_config has no model_type: that of \"{}\" is \"{}\"", self.whole, known.text);
                notes.push(Note::new(text).about("text_config.model_type"));
            }
            inner.insert("model_type".to_owned(), Value::from(known.text));
        }
        inner
    }

    /// Whether the head is the embedding table, where the whole says something of it. The text part alone goes by its own.
    fn tie(
        &self,
        known: Option<&Whole>,
        alone: bool,
        inner: &mut Map<String, Value>,
        outer: &[(String, Value)],
        notes: &mut Vec<Note>,
    ) {
        const FIELD: &str = "tie_word_embeddings";
        let said = value_of(outer, FIELD).filter(|value| !value.is_null()).cloned();
        // A class's default doesn't stand against what the text part says itself.
        let silent = inner.get(FIELD).is_none_or(Value::is_null);
        let default = known.filter(|_| !alone && silent).and_then(|known| match known.tied {
            Tied::Yes => Some(Value::Bool(true)),
            Tied::No => Some(Value::Bool(false)),
            Tied::ByText => None,
        });
        let Some(whole) = said.or(default) else { return };
        let either = known.is_some_and(Whole::ties_if_either);
        let own = match inner.get(FIELD).filter(|value| !value.is_null()) {
            // What its type has counts where only that could tie them.
            None if either && whole == Value::Bool(false) => return,
            None => None,
            Some(own) => Some(own.clone()).filter(|own| *own != whole),
        };
        let Some(own) = own else {
            inner.insert(FIELD.to_owned(), whole);
            return;
        };
        let (taken, why) = if alone {
            (own.clone(), "of whose text part alone its own is asked")
        } else if either {
            (Value::Bool(true), "whose class ties them if either is true")
        } else {
            (whole.clone(), "whose class goes by its own")
        };
        let text = format!(
            "{FIELD} is {} outside of text_config and {} inside: {} is what counts in a config of model_type \"{}\", {why}",
            shown(&whole),
            shown(&own),
            shown(&taken),
            self.whole
        );
        notes.push(Note::new(text).about(FIELD));
        inner.insert(FIELD.to_owned(), taken);
    }

    /// Takes in a field that stands beside the text part, or says why not.
    fn share(
        inner: &mut Map<String, Value>,
        key: &str,
        value: &Value,
        left_out: Level,
        notes: &mut Vec<Note>,
    ) -> Result<(), Error> {
        let quantised = matches!(key, "quantization_config" | "compression_config" | "quantization");
        if key.ends_with("_config") && value.is_object() && !quantised {
            let text = format!("the text part alone: {key} is left out");
            notes.push(Note { level: left_out, field: Some(key.to_owned()), text });
            return Ok(());
        }
        if is_other_input(key) {
            return Ok(());
        }
        match inner.get(key) {
            None => drop(inner.insert(key.to_owned(), value.clone())),
            Some(own) if own == value || value.is_null() || harmless(key) => {}
            Some(own) => return Err(Error::field(key, value, format!("{own}, as text_config says"))),
        }
        Ok(())
    }

    /// An error about one of the fields as one that says where it stands.
    pub(crate) fn located(&self, error: Error) -> Error {
        if self.notes.is_none() {
            return error;
        }
        match error {
            Error::Field { field, found, expected } => {
                let name = field.split(['[', '.']).next().unwrap_or_default();
                let within =
                    self.inside.iter().any(|inside| inside == name) || found == "nothing" || name == "model_type";
                let field = if within { format!("text_config.{field}") } else { field };
                let expected = format!("{expected} (in a config of model_type \"{}\")", self.whole);
                Error::Field { field, found, expected }
            }
            other => other,
        }
    }
}
