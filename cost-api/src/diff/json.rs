//! JSON whose whole numbers are exact, however large, and whose objects keep their order.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::response::Value;

/// A JSON value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Json {
    Null,
    /// A number or a text; `true` and `false` are texts here.
    Value(Value),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
}

/// How deep lists and objects can be in each other: a report needs 4.
const DEPTH: usize = 12;

impl Json {
    /// The values of a text, one after another.
    pub(super) fn all(text: &str) -> Result<Vec<Self>, String> {
        let values = serde_json::Deserializer::from_str(text).into_iter::<&RawValue>();
        values.map(|raw| Self::of(raw.map_err(|error| error.to_string())?.get(), DEPTH)).collect()
    }

    fn of(raw: &str, depth: usize) -> Result<Self, String> {
        let inner = |raw: &RawValue| match depth.checked_sub(1) {
            Some(depth) => Self::of(raw.get(), depth),
            None => Err(format!("found lists or objects more than {DEPTH} deep, expected a report")),
        };
        let wrong = |error: serde_json::Error| error.to_string();
        match raw.as_bytes().first() {
            Some(b'{') => {
                let Fields(fields) = serde_json::from_str(raw).map_err(wrong)?;
                let fields = fields.into_iter().map(|(name, raw)| Ok((name, inner(raw)?)));
                Ok(Self::Object(fields.collect::<Result<_, String>>()?))
            }
            Some(b'[') => {
                let items: Vec<&RawValue> = serde_json::from_str(raw).map_err(wrong)?;
                Ok(Self::List(items.into_iter().map(inner).collect::<Result<_, _>>()?))
            }
            Some(b'"') => Ok(Self::Value(Value::Text(serde_json::from_str(raw).map_err(wrong)?))),
            Some(b'n') => Ok(Self::Null),
            Some(b't' | b'f') => Ok(Self::Value(Value::Text(raw.to_owned()))),
            _ => Ok(Self::Value(match raw.parse() {
                Ok(whole) => Value::Whole(whole),
                Err(_) => Value::Real(serde_json::from_str(raw).map_err(wrong)?),
            })),
        }
    }

    /// A field of an object.
    pub(super) fn get(&self, name: &str) -> Option<&Self> {
        let Self::Object(fields) = self else { return None };
        fields.iter().find(|(field, _)| field == name).map(|(_, value)| value)
    }

    /// The text that it is.
    pub(super) fn text(&self) -> Option<&str> {
        if let Self::Value(Value::Text(text)) = self { Some(text) } else { None }
    }

    /// The items that it lists.
    pub(super) fn items(&self) -> &[Self] {
        if let Self::List(items) = self { items } else { &[] }
    }
}

/// The fields of an object in order.
struct Fields<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Fields<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;

        impl<'de> Visitor<'de> for InOrder {
            type Value = Fields<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut fields = Vec::new();
                while let Some(field) = map.next_entry()? {
                    fields.push(field);
                }
                Ok(Fields(fields))
            }
        }

        deserializer.deserialize_map(InOrder)
    }
}
