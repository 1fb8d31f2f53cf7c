//! Fields of a config, each taken once by whoever understands it.

use cost_core::text::short;
use serde_json::Value;

use super::known::{Effect, effect, harmless, misfit};
use crate::error::Error;
use crate::note::Note;

/// The fields of a config, which of them have been read, and what stood in for those that are missing.
pub(crate) struct Fields {
    entries: Vec<Entry>,
    /// Whether the config stands inside another one, and may leave out what its class has anyway.
    inside: bool,
    /// Class defaults that stood in: fields and values.
    defaults: Vec<(String, String)>,
    warnings: Vec<Note>,
}

/// A field that is there, and whether anybody has read it.
struct Entry {
    field: String,
    value: Value,
    read: bool,
}

impl Fields {
    pub(crate) fn new(entries: Vec<(String, Value)>) -> Self {
        let entries = entries.into_iter().map(|(field, value)| Entry { field, value, read: false }).collect();
        Self { entries, inside: false, defaults: Vec::new(), warnings: Vec::new() }
    }

    /// The fields as those of a config inside another one.
    pub(crate) fn inside(self, inside: bool) -> Self {
        Self { inside, ..self }
    }

    /// The same fields, of which nobody has read any.
    pub(crate) fn unread_again(&self) -> Self {
        let entries = self.entries.iter().map(|entry| (entry.field.clone(), entry.value.clone())).collect();
        Self::new(entries).inside(self.inside)
    }

    /// The names of the fields that may have an effect.
    pub(crate) fn telling(&self) -> impl Iterator<Item = &str> {
        let telling = self.entries.iter().filter(|entry| !entry.value.is_null());
        telling.map(|entry| entry.field.as_str()).filter(|field| !harmless(field))
    }

    /// Puts the fields of an object in its place, with its name and a dot before theirs.
    pub(crate) fn flatten(&mut self, outer: &str) {
        let object = |entry: &Entry| entry.field == outer && entry.value.is_object();
        let Some(at) = self.entries.iter().position(object) else { return };
        if let Value::Object(inner) = self.entries.remove(at).value {
            let entry = |(field, value)| Entry { field: format!("{outer}.{field}"), value, read: false };
            self.entries.extend(inner.into_iter().map(entry));
        }
    }

    /// Whether what is missing has the size that the config's class gives it.
    pub(crate) fn are_inside(&self) -> bool {
        self.inside
    }

    /// Notes that a class default stands in for a field that isn't there.
    pub(crate) fn stands_in(&mut self, field: &str, value: impl std::fmt::Display) {
        if !self.defaults.iter().any(|(known, _)| known == field) {
            self.defaults.push((field.to_owned(), value.to_string()));
        }
    }

    /// The fields of an object that another field holds.
    pub(crate) fn of_value(field: &str, value: &Value) -> Result<Self, Error> {
        match value {
            Value::Object(entries) => Ok(Self::new(entries.clone().into_iter().collect())),
            other => Err(unexpected(field, other, "an object")),
        }
    }

    fn take(&mut self, field: &str) -> Option<&Value> {
        let entry = self.entries.iter_mut().find(|entry| entry.field == field)?;
        entry.read = true;
        Some(&entry.value).filter(|value| !value.is_null())
    }

    /// What a field holds, if it is there and not null.
    pub(crate) fn value(&mut self, field: &str) -> Option<Value> {
        self.take(field).cloned()
    }

    /// What a field holds, for a message.
    pub(crate) fn shown(&self, field: &str) -> String {
        let entry = self.entries.iter().find(|entry| entry.field == field);
        entry.map_or_else(String::new, |entry| shown(&entry.value))
    }

    /// The fields that nobody has read, and that aren't null.
    pub(crate) fn unread(&self) -> impl Iterator<Item = (&str, &Value)> {
        let unread = self.entries.iter().filter(|entry| !entry.value.is_null() && !entry.read);
        unread.map(|entry| (entry.field.as_str(), &entry.value))
    }

    /// An error if there is a field that nobody has read.
    pub(crate) fn known(&self) -> Result<(), Error> {
        match self.unread().next() {
            Some((field, value)) => Err(unexpected(field, value, "no such field, of which nothing is known")),
            None => Ok(()),
        }
    }

    /// Whether a field is there, null or not.
    pub(crate) fn has(&self, field: &str) -> bool {
        self.entries.iter().any(|entry| entry.field == field)
    }

    /// A size that must be there: a positive whole number.
    pub(crate) fn size(&mut self, field: &str) -> Result<u64, Error> {
        self.size_or(field, None)
    }

    /// A size that may be missing or null.
    pub(crate) fn optional_size(&mut self, field: &str) -> Result<Option<u64>, Error> {
        match self.take(field) {
            None => Ok(None),
            Some(value) => match value.as_u64() {
                Some(size) if size > 0 => Ok(Some(size)),
                _ => Err(unexpected(field, value, "a positive whole number")),
            },
        }
    }

    /// One side of something that may be missing: a size of all sides, or that one of a list of two.
    pub(crate) fn side(&mut self, field: &str, at: u64) -> Result<Option<u64>, Error> {
        const EXPECTED: &str = "a positive whole number, or a list of two";
        let Some(sides) = self.take(field) else { return Ok(None) };
        let side = match sides.as_array().map(Vec::as_slice) {
            None => Some(sides),
            Some([height, width]) => Some(if at == 0 { height } else { width }),
            Some(_) => None,
        };
        let side = side.and_then(Value::as_u64).filter(|side| *side > 0);
        side.map(Some).ok_or_else(|| unexpected(field, sides, EXPECTED))
    }

    /// A size that may be missing if there is a default for it.
    pub(crate) fn size_or(&mut self, field: &str, default: Option<u64>) -> Result<u64, Error> {
        if let Some(size) = self.optional_size(field)? {
            return Ok(size);
        }
        let size = default.ok_or_else(|| self.missing(field, "a positive whole number"))?;
        self.stands_in(field, size);
        Ok(size)
    }

    /// A number that may be 0, if it is there.
    pub(crate) fn optional_count(&mut self, field: &str) -> Result<Option<u64>, Error> {
        match self.take(field) {
            None => Ok(None),
            Some(value) => match value.as_u64() {
                Some(count) => Ok(Some(count)),
                None => Err(unexpected(field, value, "a whole number, 0 or more")),
            },
        }
    }

    /// The length of a window or chunk that some layers have, or the default if missing; null would leave them without.
    pub(crate) fn window(&mut self, field: &str, default: Option<u64>) -> Result<u64, Error> {
        let there = self.has(field);
        match self.optional_size(field)? {
            None if there => {
                Err(Error::field(field, "null", "a positive whole number, as some layers of this model have a window"))
            }
            None => self.size_or(field, default),
            Some(size) => Ok(size),
        }
    }

    /// A number that may be 0, or the default if missing or null.
    pub(crate) fn count(&mut self, field: &str, default: Option<u64>) -> Result<u64, Error> {
        if let Some(count) = self.optional_count(field)? {
            return Ok(count);
        }
        let count = default.ok_or_else(|| self.missing(field, "a whole number"))?;
        // Where there are none by default, nothing is taken for granted.
        if count > 0 {
            self.stands_in(field, count);
        }
        Ok(count)
    }

    /// A field that, if it is there, repeats another one's value.
    pub(crate) fn same(&mut self, field: &str, value: u64, other: &str) -> Result<(), Error> {
        match self.optional_size(field)? {
            Some(found) if found != value => {
                Err(Error::field(field, found.to_string(), format!("{value}, as {other} says")))
            }
            _ => Ok(()),
        }
    }

    /// A list of numbers, 0 or more, if there is one; one number stands for as many.
    pub(crate) fn amounts(&mut self, field: &str, times: u64) -> Result<Option<Vec<f64>>, Error> {
        if let Some(amount) = self.take(field).and_then(Value::as_f64).filter(|amount| *amount >= 0.0) {
            return Ok(Some(vec![amount; usize::try_from(times).unwrap_or_default()]));
        }
        self.list(field, "a list of numbers, 0 or more", |value| value.as_f64().filter(|amount| *amount >= 0.0))
    }

    /// The letters of a text, if there is one.
    pub(crate) fn letters(&mut self, field: &str) -> Option<Vec<String>> {
        let text = self.take(field)?.as_str()?;
        Some(text.chars().map(String::from).collect())
    }

    /// How many entries a list has, or a text letters, if there is one.
    pub(crate) fn length(&mut self, field: &str) -> Option<u64> {
        match self.take(field)? {
            Value::Array(list) => Some(list.len() as u64),
            Value::String(text) => Some(text.chars().count() as u64),
            _ => None,
        }
    }

    /// How many entries a list has, or 1 for a number, if there is one.
    pub(crate) fn many(&mut self, field: &str) -> Result<Option<u64>, Error> {
        match self.take(field) {
            None => Ok(None),
            Some(Value::Array(list)) if !list.is_empty() => Ok(Some(list.len() as u64)),
            Some(Value::Number(_)) => Ok(Some(1)),
            Some(other) => Err(unexpected(field, other, "a number, or a list of them")),
        }
    }

    /// Whether a field is this text.
    pub(crate) fn says(&mut self, field: &str, text: &str) -> bool {
        self.take(field).and_then(Value::as_str) == Some(text)
    }

    /// A number above 0, or the default if missing.
    pub(crate) fn amount(&mut self, field: &str, default: Option<f64>) -> Result<f64, Error> {
        match self.take(field) {
            Some(value) => match value.as_f64().filter(|amount| *amount > 0.0) {
                Some(amount) => Ok(amount),
                None => Err(unexpected(field, value, "a positive number")),
            },
            None => {
                let amount = default.ok_or_else(|| self.missing(field, "a positive number"))?;
                self.stands_in(field, amount);
                Ok(amount)
            }
        }
    }

    /// A list of texts, if there is one.
    pub(crate) fn texts(&mut self, field: &str) -> Result<Option<Vec<String>>, Error> {
        self.list(field, "a list of texts", |value| value.as_str().map(str::to_owned))
    }

    /// A list of whole numbers, if there is one.
    pub(crate) fn numbers(&mut self, field: &str) -> Result<Option<Vec<u64>>, Error> {
        self.list(field, "a list of whole numbers", |value| value.as_u64().or_else(|| value.as_bool().map(u64::from)))
    }

    fn list<T>(
        &mut self,
        field: &str,
        expected: &str,
        one: impl Fn(&Value) -> Option<T>,
    ) -> Result<Option<Vec<T>>, Error> {
        match self.take(field) {
            None => Ok(None),
            Some(value) => match value.as_array().and_then(|list| list.iter().map(one).collect()) {
                Some(list) => Ok(Some(list)),
                None => Err(unexpected(field, value, expected)),
            },
        }
    }

    /// Whether a value is capped: a positive number, or null for no cap. The default stands for a missing field.
    pub(crate) fn cap(&mut self, field: &str, default: Option<f64>) -> Result<bool, Error> {
        let there = self.has(field);
        match self.take(field) {
            None => {
                if let Some(cap) = default.filter(|_| !there) {
                    self.stands_in(field, cap);
                }
                Ok(!there && default.is_some())
            }
            Some(value) => match value.as_f64() {
                Some(cap) if cap > 0.0 => Ok(true),
                _ => Err(unexpected(field, value, "a positive number or null")),
            },
        }
    }

    /// A text that must be there.
    pub(crate) fn text(&mut self, field: &str) -> Result<String, Error> {
        match self.take(field) {
            Some(Value::String(text)) => Ok(text.clone()),
            Some(other) => Err(unexpected(field, other, "a text")),
            None => Err(self.missing(field, "a text")),
        }
    }

    /// A text, or the default if missing or null.
    pub(crate) fn text_or(&mut self, field: &str, default: &str) -> Result<String, Error> {
        match self.take(field) {
            None => Ok(default.to_owned()),
            Some(Value::String(text)) => Ok(text.clone()),
            Some(other) => Err(unexpected(field, other, "a text")),
        }
    }

    /// `true` or `false`, or the default if missing or null.
    pub(crate) fn flag(&mut self, field: &str, default: bool) -> Result<bool, Error> {
        match self.take(field) {
            None => {
                // What is off by default needs no word, but for a head that is a matrix of its own.
                if default || field == "tie_word_embeddings" {
                    self.stands_in(field, default);
                }
                Ok(default)
            }
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(other) => Err(unexpected(field, other, "true or false")),
        }
    }

    /// A text that must be one of a few, or the default if missing.
    pub(crate) fn only(&mut self, field: &str, default: &str, allowed: &[&str]) -> Result<String, Error> {
        match self.take(field) {
            None => Ok(default.to_owned()),
            Some(Value::String(text)) if allowed.contains(&text.as_str()) => Ok(text.clone()),
            Some(other) => {
                let expected: Vec<String> = allowed.iter().map(|text| format!("\"{text}\"")).collect();
                Err(unexpected(field, other, &expected.join(" or ")))
            }
        }
    }

    /// A flag that must be off: what it turns on isn't modelled.
    pub(crate) fn off(&mut self, field: &str) -> Result<(), Error> {
        if self.flag(field, false)? {
            return Err(Error::Field {
                field: field.to_owned(),
                found: "true".to_owned(),
                expected: "false".to_owned(),
            });
        }
        Ok(())
    }

    /// A flag that must be off, and why.
    pub(crate) fn only_off(&mut self, field: &str, why: &str) -> Result<(), Error> {
        if self.flag(field, false)? { Err(Error::field(field, "true", why)) } else { Ok(()) }
    }

    /// A share that may be missing: a number above 0 and up to 1.
    pub(crate) fn share(&mut self, field: &str) -> Result<Option<f64>, Error> {
        match self.take(field) {
            None => Ok(None),
            Some(value) => match value.as_f64().filter(|share| *share > 0.0 && *share <= 1.0) {
                Some(share) => Ok(Some(share)),
                None => Err(unexpected(field, value, "a share of the head size, above 0 and at most 1")),
            },
        }
    }

    /// How many labels a classifier tells apart: as many as `id2label` names, or `num_labels`, or 2.
    pub(crate) fn labels(&mut self) -> Result<u64, Error> {
        let named = match self.take("id2label") {
            None => None,
            Some(Value::Object(labels)) if !labels.is_empty() => Some(labels.len() as u64),
            Some(other) => return Err(unexpected("id2label", other, "an object with a name for each label")),
        };
        match named {
            None => self.size_or("num_labels", Some(2)),
            Some(named) => self.same("num_labels", named, "id2label").map(|()| named),
        }
    }

    /// Fields that have no effect here, whatever they hold.
    pub(crate) fn passed(&mut self, fields: &[&str]) {
        for entry in self.entries.iter_mut().filter(|entry| fields.contains(&entry.field.as_str())) {
            entry.read = true;
        }
    }

    /// What is to be said of the config, after everybody has read. Fields that nobody has read and that would change the
    /// cost are an error, unknown ones a warning; those without effect must hold what such fields hold.
    pub(crate) fn finish(mut self, model_type: &str) -> Result<Vec<Note>, Error> {
        for Entry { field, value, .. } in self.entries.iter().filter(|entry| !entry.read) {
            match effect(field) {
                Effect::None => {
                    if let Some(expected) = misfit(field, value) {
                        return Err(unexpected(field, value, expected));
                    }
                }
                Effect::Known if is_off(value) => {}
                Effect::Known | Effect::Cost if !is_off(value) => {
                    let expected =
                        format!("no such field in a config of model_type \"{model_type}\", whose cost would change");
                    return Err(unexpected(field, value, &expected));
                }
                // Of an unknown field nobody knows what off means.
                Effect::Known | Effect::Cost | Effect::Unknown => {
                    let name = short(field, 80);
                    let text = format!("unknown field {name} ({}) is not accounted for", shown(value));
                    self.warnings.push(Note::warning(text).about(&name));
                }
            }
        }
        let mut notes = Vec::new();
        if !self.defaults.is_empty() {
            let said: Vec<String> = self.defaults.iter().map(|(field, value)| format!("{field} {value}")).collect();
            let fields: Vec<&str> = self.defaults.iter().map(|(field, _)| field.as_str()).collect();
            let text = format!("not in the config, so the class's defaults stand in: {}", said.join(", "));
            notes.push(Note::new(text).about(&fields.join(", ")));
        }
        notes.append(&mut self.warnings);
        Ok(notes)
    }

    fn missing(&self, field: &str, expected: &str) -> Error {
        let others = self.entries.iter().map(|entry| entry.field.as_str()).filter(|other| *other != field);
        let near = cost_core::nearest(field, others);
        let near = near.map_or_else(String::new, |near| format!(" (there is a field {near})"));
        Error::Field { field: field.to_owned(), found: "nothing".to_owned(), expected: format!("{expected}{near}") }
    }
}

/// Whether a value turns off what its field is for.
fn is_off(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Number(number) => number.as_u64() == Some(0),
        Value::Array(list) => list.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        _ => false,
    }
}

/// A field that holds what it shouldn't.
pub(crate) fn unexpected(field: &str, found: &Value, expected: &str) -> Error {
    Error::Field { field: field.to_owned(), found: shown(found), expected: expected.to_owned() }
}

/// A value as messages show it.
pub(crate) fn shown(value: &Value) -> String {
    short(value, 40)
}
