//! Safetensors headers: <https://github.com/huggingface/safetensors#format>.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{Read, Seek};

use serde::Deserialize;
use serde::de::{Deserializer, Error as _, MapAccess, SeqAccess, Visitor};

use super::source::Source;
use super::unique::Unique;
use super::{MOST_TENSORS, Naming, Stored, Value, WeightsFile, dtype, wrong};
use crate::error::Error;

/// The most bytes that a header has: `MAX_HEADER_SIZE` of the crate `safetensors`.
pub(super) const HEADER_LIMIT: u64 = 100_000_000;

pub(super) fn read(file: impl Read + Seek) -> Result<WeightsFile, Error> {
    let mut source = Source::new(file, HEADER_LIMIT + 8)?;
    let length = source.u64("length of the header")?;
    let most = source.left().min(HEADER_LIMIT);
    if length > most {
        return Err(wrong("length of the header", &length, format!("at most {most}")));
    }
    let text = source.text("header", length)?;
    let header: Header = serde_json::from_str(&text).map_err(|error| {
        wrong("header", &error, "a JSON object with each tensor's dtype, shape and data_offsets, each key once")
    })?;
    let tensors = placed(header.tensors, source.left())?;
    let metadata = header.metadata.into_iter().map(|(key, text)| (key, Value::Text(text))).collect();
    Ok(WeightsFile { naming: Naming::Modules, tensors, metadata })
}

struct Header {
    metadata: BTreeMap<String, String>,
    tensors: BTreeMap<String, Info>,
}

/// What the header says of a tensor.
#[derive(Deserialize)]
struct Info {
    dtype: String,
    #[serde(deserialize_with = "sizes")]
    shape: Vec<u64>,
    data_offsets: (u64, u64),
}

/// The most dimensions of a tensor: PyTorch has up to 64.
const DIMENSIONS: usize = 64;

/// A shape, of which no more is kept than can be one.
fn sizes<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u64>, D::Error> {
    struct Sizes;

    impl<'de> Visitor<'de> for Sizes {
        type Value = Vec<u64>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a list of sizes")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Vec<u64>, A::Error> {
            let mut sizes = Vec::new();
            while let Some(size) = list.next_element()? {
                if sizes.len() == DIMENSIONS {
                    return Err(A::Error::custom(format!("a shape of more than {DIMENSIONS} sizes")));
                }
                sizes.push(size);
            }
            Ok(sizes)
        }
    }

    deserializer.deserialize_seq(Sizes)
}

impl<'de> Deserialize<'de> for Header {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Tensors;

        impl<'de> Visitor<'de> for Tensors {
            type Value = Header;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Header, A::Error> {
                let (mut metadata, mut tensors) = (None, BTreeMap::new());
                while let Some(key) = map.next_key::<String>()? {
                    if tensors.contains_key(&key) || (key == METADATA && metadata.is_some()) {
                        return Err(A::Error::custom(format!("the key \"{key}\" occurs twice")));
                    }
                    if tensors.len() as u64 == MOST_TENSORS {
                        return Err(A::Error::custom(format!("more than {MOST_TENSORS} tensors")));
                    }
                    if key == METADATA {
                        metadata = Some(map.next_value::<Unique<String>>()?.0);
                    } else {
                        tensors.insert(key, map.next_value::<Info>()?);
                    }
                }
                Ok(Header { metadata: metadata.unwrap_or_default(), tensors })
            }
        }

        deserializer.deserialize_map(Tensors)
    }
}

/// The key of what is no tensor.
const METADATA: &str = "__metadata__";

/// The tensors by where they are, if they fill the data without gaps or overlaps, as the format has it.
fn placed(infos: BTreeMap<String, Info>, data: u64) -> Result<Vec<Stored>, Error> {
    let mut infos: Vec<(String, Info)> = infos.into_iter().collect();
    infos.sort_by_key(|(_, info)| info.data_offsets);
    let (mut tensors, mut end) = (Vec::new(), 0);
    for (name, Info { dtype, shape, data_offsets: (from, to) }) in infos {
        let Some(format) = dtype::safetensors(&dtype) else {
            let expected = format!("one of {}", dtype::safetensors_types());
            return Err(wrong(&format!("dtype of {name}"), &format!("\"{dtype}\""), expected));
        };
        let tensor = Stored::new(name, shape, format)?;
        let field = || format!("data_offsets of {}", tensor.name);
        if from != end {
            return Err(wrong(
                &field(),
                &format!("[{from}, {to}]"),
                format!("a start at {end}, where the last one ends"),
            ));
        }
        if to.checked_sub(from) != Some(tensor.bytes) {
            let expected = format!("{} bytes, as its dtype and shape have it", tensor.bytes);
            return Err(wrong(&field(), &format!("[{from}, {to}]"), expected));
        }
        end = to;
        tensors.push(tensor);
    }
    if end != data {
        let expected = format!("the {end} that the header has tensors for");
        return Err(wrong("data", &format!("{data} bytes"), expected));
    }
    Ok(tensors)
}
