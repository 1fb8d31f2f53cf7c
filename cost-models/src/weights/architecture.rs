//! The architecture that a GGUF file says it has, as the config that its model type would have.
//!
//! What a field of the config is made of stands in the declaration of the model type: a key of the metadata, or whether a
//! tensor is there. The config then goes through the reading that every config of its model type goes through, and the file's tensors are compared with what
//! comes of it, so that a key that is misunderstood doesn't go unnoticed.

use std::sync::Arc;

use serde_json::Value as Json;

use super::{Stored, Value, WeightsFile, wrong};
use crate::error::Error;
use crate::family::{self, Combined, Family, GgufSource, Of};
use crate::note::Note;

/// Beginnings of keys that say nothing of sizes or operations, or nothing that the shapes of tensors don't say as well,
/// after the architecture's name and a dot.
const HARMLESS: &[&str] = &[
    "attention.causal",
    "attention.head_count",
    "attention.key_length",
    "attention.layer_norm_epsilon",
    "attention.layer_norm_rms_epsilon",
    "attention.scale",
    "attention.value_length",
    "expert_gating_func",
    "expert_group_count",
    "expert_group_used_count",
    "expert_shared_feed_forward_length",
    "expert_weights_norm",
    "expert_weights_scale",
    "feed_forward_length",
    "rope.",
    "tensor_data_layout",
    "vocab_size",
];

/// The config of a GGUF file: its fields, and warnings of keys of which nothing is known.
pub(crate) type Config = (Vec<(String, Json)>, Vec<Note>);

/// The config of a GGUF file.
///
/// An error names the key, what was found and what was expected.
pub(crate) fn config(file: &WeightsFile) -> Result<Config, Error> {
    const KEY: &str = "general.architecture";
    let name = match file.metadata.get(KEY) {
        Some(Value::Text(name)) => name,
        other => return Err(wrong(KEY, &other.map_or("nothing".to_owned(), shown), "the name of an architecture")),
    };
    let declared = family::of_gguf(name).collect::<Result<Vec<_>, _>>()?;
    // Those that a tensor tells from others come first.
    let fits = |it: &&Arc<Family>| it.gguf().has.as_ref().is_some_and(|end| tensor(file, end).is_some());
    let plain = |it: &&Arc<Family>| it.gguf().has.is_none();
    let Some(family) = declared.iter().find(fits).or_else(|| declared.iter().find(plain)) else {
        let mut known: Vec<&str> = family::gguf_architectures().collect();
        known.sort_unstable();
        known.dedup();
        return Err(wrong(KEY, &format!("\"{name}\""), format!("one of {}", known.join(", "))));
    };
    let mut entries = vec![("model_type".to_owned(), Json::from(family.types()[0].as_str()))];
    let fields = &family.gguf().fields;
    for (field, source) in fields {
        if let Some(value) = value(file, name, source)? {
            // A window of no tokens is none.
            let none = *field == "sliding_window" && value.as_u64() == Some(0);
            entries.push((field.clone(), if none { Json::Null } else { value }));
        }
    }
    let read: Vec<String> =
        fields.iter().flat_map(|(_, source)| source.keys()).map(|key| format!("{name}.{key}")).collect();
    let own = |key: &&String| key.strip_prefix(name.as_str()).is_some_and(|rest| rest.starts_with('.'));
    let harmless = |key: &&String| HARMLESS.iter().any(|part| key[name.len() + 1..].starts_with(part));
    let unknown = file.metadata.keys().filter(own).filter(|key| !harmless(key) && !read.contains(key));
    let warning = |key: &String| Note::warning(format!("unknown key {key} is not accounted for")).about(key);
    Ok((entries, unknown.map(warning).collect()))
}

/// The first tensor whose name ends so.
fn tensor<'f>(file: &'f WeightsFile, end: &str) -> Option<&'f Stored> {
    file.tensors.iter().find(|tensor| tensor.name.ends_with(end))
}

fn value(file: &WeightsFile, name: &str, source: &GgufSource) -> Result<Option<Json>, Error> {
    let of = |key: &str| {
        let key = format!("{name}.{key}");
        file.metadata.get(&key).map(|value| json(&key, value)).transpose()
    };
    let named = |name: &str| file.tensors.iter().find(|tensor| tensor.name == *name);
    Ok(match source {
        GgufSource::Key { keys, other, null } => {
            let found = keys.iter().find_map(|key| of(key).transpose().map(|value| (key, value)));
            let Some((key, whole)) = found else { return Ok(null.then_some(Json::Null)) };
            let whole = whole?;
            match other {
                None => Some(whole),
                Some((how, part)) => match of(part)? {
                    Some(some) => Some(combined(name, *how, (key, &whole), (part, &some))?),
                    None => (*how == Combined::Less).then_some(whole),
                },
            }
        }
        GgufSource::Tensor(Of::Has, tensor) => Some(Json::from(named(tensor).is_some())),
        GgufSource::Tensor(Of::Lacks, tensor) => Some(Json::from(named(tensor).is_none())),
        GgufSource::Tensor(Of::Rows, tensor) => {
            named(tensor).and_then(|tensor| tensor.shape.first().copied()).map(Json::from)
        }
        GgufSource::Null => Some(Json::Null),
    })
}

/// One number less another, or over it.
fn combined(
    name: &str,
    how: Combined,
    (whole, all): (&str, &Json),
    (part, some): (&str, &Json),
) -> Result<Json, Error> {
    let numbers = all.as_u64().zip(some.as_u64());
    let (expected, result) = match how {
        Combined::Less => ("at most", numbers.and_then(|(all, some)| all.checked_sub(some))),
        Combined::Over => (
            "a divisor of",
            numbers.filter(|(all, some)| all.checked_rem(*some) == Some(0)).map(|(all, some)| all / some),
        ),
    };
    let wrong = || wrong(&format!("{name}.{part}"), some, format!("{expected} {whole}, which is {all}"));
    result.map(Json::from).ok_or_else(wrong)
}

/// A value of metadata as one of a config. A list by layers is its entry, if they are all the same.
fn json(key: &str, value: &Value) -> Result<Json, Error> {
    match value {
        Value::Integer(number) => match (u64::try_from(*number), i64::try_from(*number)) {
            (Ok(number), _) => Ok(Json::from(number)),
            (_, Ok(number)) => Ok(Json::from(number)),
            _ => Err(wrong(key, number, "a number of 64 bits")),
        },
        Value::Float(number) => Ok(Json::from(*number)),
        Value::Flag(flag) => Ok(Json::from(*flag)),
        Value::Text(text) => Ok(Json::from(text.as_str())),
        Value::List(list) if list.first().is_some_and(|first| list.iter().all(|other| other == first)) => {
            json(key, &list[0])
        }
        other => Err(wrong(key, &shown(other), "one value, or the same for every layer")),
    }
}

/// A value of metadata as text.
fn shown(value: &Value) -> String {
    match value {
        Value::Integer(number) => number.to_string(),
        Value::Float(number) => number.to_string(),
        Value::Flag(flag) => flag.to_string(),
        Value::Text(text) => format!("\"{}\"", text.chars().take(40).collect::<String>()),
        Value::List(list) => format!("a list of {} values that differ", list.len()),
        Value::Long(length) => format!("{length} values or bytes"),
    }
}
