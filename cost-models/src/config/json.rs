//! JSON objects in which a key occurs once.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, Visitor};
use serde_json::Value;

use crate::error::Error;

/// A JSON object's keys and values, in the order of the text.
struct Object(Vec<(String, Value)>);

/// Reads a JSON object; a key that occurs twice is an error.
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

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Keys;

        impl<'de> Visitor<'de> for Keys {
            type Value = Object;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object with a model's sizes")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object, A::Error> {
                let mut entries: Vec<(String, Value)> = Vec::new();
                while let Some((key, value)) = map.next_entry::<String, Value>()? {
                    if entries.iter().any(|(other, _)| *other == key) {
                        return Err(A::Error::custom(format!("the key \"{key}\" occurs twice")));
                    }
                    entries.push((key, value));
                }
                Ok(Object(entries))
            }
        }

        deserializer.deserialize_map(Keys)
    }
}
