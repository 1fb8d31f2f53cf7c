//! JSON objects in which a key occurs once, at every depth.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use crate::error::Error;

/// Reads a JSON object: its keys and values, in the order of the text. A key that occurs twice, anywhere, is an error.
///
/// `Infinity`, `-Infinity` and `NaN`, which are no JSON but which Python writes, are read as texts of these names.
pub(crate) fn object(text: &str) -> Result<Vec<(String, Value)>, Error> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    serde_json::from_str::<Object>(&quoted(text)).map(|object| object.0).map_err(|error| Error::Json(error.to_string()))
}

/// The text with quotes around the numbers that JSON lacks.
fn quoted(text: &str) -> Cow<'_, str> {
    const NAMES: [&str; 3] = ["-Infinity", "Infinity", "NaN"];
    if !NAMES.iter().any(|name| text.contains(name)) {
        return Cow::Borrowed(text);
    }
    let (mut result, mut rest, mut inside) = (String::with_capacity(text.len() + 2), text, false);
    while let Some(next) = rest.chars().next() {
        let name = NAMES.iter().find(|name| !inside && rest.starts_with(**name));
        // In a string a backslash takes the next character with it.
        let escaped = if inside && next == '\\' { rest.chars().nth(1).map_or(0, char::len_utf8) } else { 0 };
        let length = name.map_or(next.len_utf8() + escaped, |name| name.len());
        let (taken, left) = rest.split_at(length);
        inside ^= next == '"';
        match name {
            Some(name) => result.extend(["\"", name, "\""]),
            None => result.push_str(taken),
        }
        rest = left;
    }
    Cow::Owned(result)
}

/// A JSON object's keys and values.
struct Object(Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Keys)
    }
}

struct Keys;

impl<'de> Visitor<'de> for Keys {
    type Value = Object;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object with a model's sizes")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object, A::Error> {
        let (mut entries, mut seen) = (Vec::new(), BTreeSet::new());
        while let Some((key, value)) = map.next_entry::<String, Strict>()? {
            if !seen.insert(key.clone()) {
                return Err(A::Error::custom(format!("the key \"{key}\" occurs twice")));
            }
            entries.push((key, value.0));
        }
        Ok(Object(entries))
    }
}

/// A JSON value without keys that occur twice.
struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Anything).map(Self)
    }
}

struct Anything;

impl<'de> Visitor<'de> for Anything {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = list.next_element::<Strict>()? {
            values.push(value.0);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut values = Map::new();
        while let Some((key, value)) = map.next_entry::<String, Strict>()? {
            if values.contains_key(&key) {
                return Err(A::Error::custom(format!("the key \"{key}\" occurs twice")));
            }
            values.insert(key, value.0);
        }
        Ok(Value::Object(values))
    }
}
