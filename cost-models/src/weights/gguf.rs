//! GGUF headers, versions 2 and 3, of either byte order: <https://github.com/ggml-org/ggml/blob/master/docs/gguf.md>.

use std::collections::{BTreeMap, HashSet};
use std::io::{Read, Seek};

use super::source::Source;
use super::{MOST_TENSORS, Naming, Stored, Value, WeightsFile, dtype, shown, wrong};
use crate::error::Error;

/// The most bytes that a header has. The vocabulary of the largest takes about 20 MB.
const HEADER_LIMIT: u64 = 1 << 26;
/// The longest name of a key or a tensor that the format allows.
const NAME_LIMIT: u64 = 65_535;
/// The longest text that is kept.
const TEXT_LIMIT: u64 = 1 << 20;
/// The longest list that is kept: a number for each layer, not for each token.
const LIST_LIMIT: u64 = 4096;
/// The most numbers of all lists that are kept.
const LISTS_LIMIT: u64 = 1 << 17;
/// The most dimensions of a tensor: `GGML_MAX_DIMS`.
const DIMENSIONS: u32 = 4;
/// How deep lists may be nested.
const DEPTH: u32 = 4;

pub(super) fn read(file: impl Read + Seek) -> Result<WeightsFile, Error> {
    let mut source = Source::new(file, HEADER_LIMIT)?;
    let magic: [u8; 4] = source.bytes("magic")?;
    if magic != *b"GGUF" {
        return Err(wrong("magic", &format!("{:?}", String::from_utf8_lossy(&magic)), "\"GGUF\""));
    }
    version(&mut source)?;
    // A tensor takes at least 24 bytes: its name's length, its number of dimensions, its type and its offset; a key and its
    // value at least 13.
    let tensors = count(&mut source, "number of tensors", 24)?;
    let keys = count(&mut source, "number of metadata keys", 13)?;
    let (mut metadata, mut room) = (BTreeMap::new(), LISTS_LIMIT);
    for _ in 0..keys {
        let length = source.u64("length of a metadata key")?;
        let key = name(&mut source, "metadata key", length)?;
        let value = value(&mut source, &key, &mut room)?;
        if metadata.contains_key(&key) {
            return Err(wrong(&key, &"the key twice", "each key once"));
        }
        metadata.insert(key, value);
    }
    let alignment = alignment(&metadata)?;
    let (mut found, mut names) = (Vec::new(), HashSet::new());
    for _ in 0..tensors {
        let (tensor, offset) = tensor(&mut source)?;
        if !names.insert(tensor.name.clone()) {
            return Err(wrong(&tensor.name, &"the tensor twice", "each tensor once"));
        }
        found.push((tensor, offset));
    }
    let start = source.at().next_multiple_of(alignment);
    let tensors = placed(found, source.length().saturating_sub(start), alignment)?;
    Ok(WeightsFile { naming: Naming::Gguf, tensors, metadata })
}

/// Reads the version, and from it the byte order: a small number whose high half is set has its bytes reversed.
fn version<R: Read + Seek>(source: &mut Source<R>) -> Result<(), Error> {
    let found = source.u32("version")?;
    let reversed = found.trailing_zeros() >= 16 && found != 0;
    if reversed {
        source.big_endian();
    }
    match if reversed { found.swap_bytes() } else { found } {
        2 | 3 => Ok(()),
        version => Err(wrong("version", &version, "2 or 3")),
    }
}

/// A count of what takes at least so many bytes each.
fn count<R: Read + Seek>(source: &mut Source<R>, field: &str, each: u64) -> Result<u64, Error> {
    let count = source.u64(field)?;
    fits(source, field, count, each)?;
    if count > MOST_TENSORS {
        return Err(wrong(field, &count, format!("at most {MOST_TENSORS}")));
    }
    Ok(count)
}

fn fits<R: Read + Seek>(source: &Source<R>, field: &str, count: u64, each: u64) -> Result<(), Error> {
    let most = source.left() / each;
    if count > most {
        return Err(wrong(field, &count, format!("at most {most}, which is what the file has room for")));
    }
    Ok(())
}

fn name<R: Read + Seek>(source: &mut Source<R>, field: &str, length: u64) -> Result<String, Error> {
    if length == 0 || length > NAME_LIMIT {
        return Err(wrong(field, &format!("{length} bytes"), format!("a name of 1 to {NAME_LIMIT}")));
    }
    source.text(field, length)
}

/// The types of metadata values, and the bytes that each takes at least.
const fn least(kind: u32) -> Option<u64> {
    match kind {
        0 | 1 | 7 => Some(1),
        2 | 3 => Some(2),
        4..=6 => Some(4),
        8 | 10..=12 => Some(8),
        // A list's type and length.
        9 => Some(12),
        _ => None,
    }
}

fn value<R: Read + Seek>(source: &mut Source<R>, key: &str, room: &mut u64) -> Result<Value, Error> {
    match source.u32(key)? {
        8 => {
            let length = source.u64(key)?;
            if length <= TEXT_LIMIT {
                return Ok(Value::Text(source.text(key, length)?));
            }
            source.skip(key, length)?;
            Ok(Value::Long(length))
        }
        9 => list(source, key, 0, room),
        kind => scalar(source, key, kind),
    }
}

fn scalar<R: Read + Seek>(source: &mut Source<R>, key: &str, kind: u32) -> Result<Value, Error> {
    Ok(match kind {
        0 => Value::Integer(source.integer::<1>(key, false)?),
        1 => Value::Integer(source.integer::<1>(key, true)?),
        2 => Value::Integer(source.integer::<2>(key, false)?),
        3 => Value::Integer(source.integer::<2>(key, true)?),
        4 => Value::Integer(source.integer::<4>(key, false)?),
        5 => Value::Integer(source.integer::<4>(key, true)?),
        6 => Value::Float(f64::from(f32::from_bits(source.u32(key)?))),
        7 => match source.integer::<1>(key, false)? {
            0 => Value::Flag(false),
            1 => Value::Flag(true),
            other => return Err(wrong(key, &format!("a truth value of {other}"), "0 or 1")),
        },
        10 => Value::Integer(source.integer::<8>(key, false)?),
        11 => Value::Integer(source.integer::<8>(key, true)?),
        12 => Value::Float(f64::from_bits(source.u64(key)?)),
        other => return Err(wrong(key, &format!("a value of type {other}"), "a type from 0 to 12")),
    })
}

/// A list. Only short ones of numbers or flags are kept, and only while there is room for them.
fn list<R: Read + Seek>(source: &mut Source<R>, key: &str, depth: u32, room: &mut u64) -> Result<Value, Error> {
    let (kind, count) = (source.u32(key)?, source.u64(key)?);
    let Some(each) = least(kind) else {
        return Err(wrong(key, &format!("a list of values of type {kind}"), "a type from 0 to 12"));
    };
    fits(source, key, count, each)?;
    match kind {
        8 => {
            for _ in 0..count {
                let length = source.u64(key)?;
                source.skip(key, length)?;
            }
        }
        9 if depth == DEPTH => {
            return Err(wrong(key, &"lists in lists in lists", format!("at most {DEPTH} levels")));
        }
        9 => {
            for _ in 0..count {
                list(source, key, depth + 1, &mut 0)?;
            }
        }
        _ if count <= LIST_LIMIT.min(*room) => {
            *room -= count;
            return Ok(Value::List((0..count).map(|_| scalar(source, key, kind)).collect::<Result<_, _>>()?));
        }
        _ => source.skip(key, count * each)?,
    }
    Ok(Value::Long(count))
}

/// To what data are aligned, in bytes.
fn alignment(metadata: &BTreeMap<String, Value>) -> Result<u64, Error> {
    const KEY: &str = "general.alignment";
    match metadata.get(KEY) {
        None => Ok(32),
        Some(Value::Integer(found)) => match u32::try_from(*found).ok().filter(|found| found.is_power_of_two()) {
            Some(alignment) => Ok(u64::from(alignment)),
            None => Err(wrong(KEY, &found, "a power of two")),
        },
        Some(other) => Err(wrong(KEY, &format!("{other:?}"), "a power of two")),
    }
}

/// A tensor, and where its data are.
fn tensor<R: Read + Seek>(source: &mut Source<R>) -> Result<(Stored, u64), Error> {
    let length = source.u64("length of a tensor's name")?;
    let name = name(source, "tensor's name", length)?;
    let dimensions = source.u32(&name)?;
    if dimensions > DIMENSIONS {
        return Err(wrong(&name, &format!("{dimensions} dimensions"), format!("at most {DIMENSIONS}")));
    }
    let mut shape = (0..dimensions).map(|_| source.u64(&name)).collect::<Result<Vec<_>, _>>()?;
    // GGUF begins with the sizes of rows.
    shape.reverse();
    let id = source.u32(&name)?;
    let Some(format) = dtype::ggml(id) else {
        return Err(wrong(&format!("type of {name}"), &id, format!("one of {}", dtype::ggml_types())));
    };
    if shape.contains(&0) {
        return Err(wrong(&format!("shape of {name}"), &shown(&shape), "positive sizes"));
    }
    let offset = source.u64(&name)?;
    Ok((Stored::new(name, shape, format)?, offset))
}

/// The tensors by where they are, if they are apart and inside the data.
fn placed(mut found: Vec<(Stored, u64)>, data: u64, alignment: u64) -> Result<Vec<Stored>, Error> {
    for (tensor, offset) in &found {
        let field = || format!("offset of {}", tensor.name);
        if !offset.is_multiple_of(alignment) {
            return Err(wrong(&field(), &offset, format!("a multiple of {alignment}")));
        }
        if offset.checked_add(tensor.bytes).is_none_or(|end| end > data) {
            let expected = format!("an end inside the {data} bytes of data: the file is cut off, or a size is wrong");
            return Err(wrong(&field(), &format!("{offset} with {} bytes", tensor.bytes), expected));
        }
    }
    found.sort_by_key(|(_, offset)| *offset);
    for pair in found.windows(2) {
        if let [(before, from), (after, to)] = pair
            && from + before.bytes > *to
        {
            let expected = format!("at least {}, where {} ends", from + before.bytes, before.name);
            return Err(wrong(&format!("offset of {}", after.name), &to, expected));
        }
    }
    Ok(found.into_iter().map(|(tensor, _)| tensor).collect())
}
