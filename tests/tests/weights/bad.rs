//! Headers that lie are errors: never a panic, never much memory or time.

use std::io::Cursor;

use cost_models::weights::WeightsFile;
use cost_tests::files::{DTYPES, GGML, GGUF3, Tensor, Value, Written, gguf, of_header, safetensors, tensor};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::headers::directory;

fn open(bytes: &[u8]) -> Result<WeightsFile, String> {
    let file = Cursor::new(bytes);
    let read = if bytes.starts_with(b"GGUF") { WeightsFile::gguf(file) } else { WeightsFile::safetensors(file) };
    read.map_err(|error| error.to_string())
}

#[track_caller]
fn check(what: &str, bytes: &[u8], said: &[&str]) {
    let error = open(bytes).expect_err(what);
    for part in said {
        assert!(error.contains(part), "{what}: no {part:?} in {error}");
    }
}

fn tensors() -> Vec<Tensor> {
    vec![tensor("a.weight", &[3, 256], "Q4_K"), tensor("b.weight", &[4, 32], "Q8_0")]
}

fn keys() -> Vec<(String, Value)> {
    let list = Value::Texts(vec!["one".to_owned(), "two".to_owned()]);
    vec![("k.text".to_owned(), Value::Text("long".to_owned())), ("k.list".to_owned(), list)]
}

/// A GGUF file in which the bytes after some others (or at the start) are replaced.
fn patched(after: &[u8], by: usize, with: &[u8]) -> Vec<u8> {
    let mut bytes = gguf(GGUF3, &keys(), &tensors()).bytes();
    let at = bytes.windows(after.len().max(1)).position(|window| after.is_empty() || window == after).unwrap();
    let at = at + after.len() + by;
    bytes[at..at + with.len()].copy_from_slice(with);
    bytes
}

const HUGE: [u8; 8] = (1_u64 << 60).to_le_bytes();
const MORE: [u8; 8] = u64::MAX.to_le_bytes();

/// What is wrong, after which bytes and how many more it begins, what stands there, and what is said.
type Lie = (&'static str, &'static str, usize, &'static [u8], &'static [&'static str]);

/// After a tensor's name come its number of dimensions (4 bytes), sizes (8 each, those of rows first), type (4) and offset
/// (8); after a key the type (4) and the value, which for a list is a type (4), a length (8) and values.
const LIES: &[Lie] = &[
    ("version 1", "", 4, &[1, 0, 0, 0], &["version", "found 1", "expected 2 or 3"]),
    ("version 4", "", 4, &[4, 0, 0, 0], &["version", "found 4", "expected 2 or 3"]),
    ("2^60 tensors", "", 8, &HUGE, &["number of tensors", "found 1152921504606846976", "room for"]),
    ("2^60 keys", "", 16, &HUGE, &["number of metadata keys", "found 1152921504606846976", "room for"]),
    ("a long key", "", 24, &HUGE, &["metadata key", "1152921504606846976 bytes", "1 to 65535"]),
    ("a key that isn't text", "", 32, &[0xFF], &["metadata key", "not text", "UTF-8"]),
    ("an unknown value", "k.text", 0, &[13], &["k.text", "type 13", "0 to 12"]),
    ("a text of 2^60", "k.text", 4, &HUGE, &["k.text", "cut off"]),
    ("a list of 2^60", "k.list", 8, &HUGE, &["k.list", "found 1152921504606846976", "room for"]),
    ("a list of unknowns", "k.list", 4, &[99], &["k.list", "type 99", "0 to 12"]),
    ("a list's text of 2^64", "k.list", 16, &MORE, &["k.list", "cut off"]),
    ("five dimensions", "a.weight", 0, &[5], &["a.weight", "5 dimensions", "at most 4"]),
    ("a size of 2^60", "a.weight", 12, &HUGE, &["shape of a.weight", "1152921504606846976", "fits 64 bits"]),
    ("a size of 0", "a.weight", 12, &[0], &["shape of a.weight", "[0, 256]", "positive"]),
    ("half a block", "a.weight", 4, &[128, 0], &["shape of a.weight", "[3, 128]", "a multiple of 256", "q4_k"]),
    ("a removed type", "a.weight", 20, &[4], &["type of a.weight", "found 4", "12 (q4_k)"]),
    ("an unknown type", "a.weight", 20, &[77], &["type of a.weight", "found 77", "39 (mxfp4)"]),
    ("no multiple of 32", "b.weight", 24, &[1], &["offset of b.weight", "a multiple of 32"]),
    ("an overlap", "b.weight", 24, &[0, 0], &["offset of b.weight", "found 0", "at least 432", "a.weight ends"]),
    ("past the end", "b.weight", 24, &[0, 32], &["offset of b.weight", "8192 with 136 bytes", "cut off"]),
    ("an offset of 2^64", "b.weight", 24, &MORE, &["offset of b.weight", "multiple of 32"]),
];

#[test]
fn wrong_gguf_headers_are_refused() {
    for (what, after, by, with, said) in LIES {
        check(what, &patched(after.as_bytes(), *by, with), said);
    }
    let twice = |name: &str| [tensor(name, &[2], "F32"), tensor("a", &[3], "F32")];
    let number = |key: &str, number| [(key.to_owned(), Value::U32(number))];
    let keys = [number("k", 1), number("k", 2)].concat();
    for (what, written, said) in [
        ("the same name", gguf(GGUF3, &[], &twice("a")), &["a: found the tensor twice", "once"][..]),
        ("the same key", gguf(GGUF3, &keys, &twice("b")), &["k: found the key twice", "once"]),
        (
            "alignment 0",
            gguf(GGUF3, &number("general.alignment", 0), &twice("b")),
            &["alignment: found 0", "power of two"],
        ),
        ("alignment 48", gguf(GGUF3, &number("general.alignment", 48), &[]), &["alignment: found 48", "power of two"]),
    ] {
        check(what, &written.bytes(), said);
    }
    let error = WeightsFile::gguf(Cursor::new(b"GGUA")).unwrap_err().to_string();
    assert!(error.contains("magic: found \"GGUA\", expected \"GGUF\""), "{error}");
}

#[test]
fn wrong_safetensors_headers_are_refused() {
    let entry = r#"{"dtype":"F32","shape":[2],"data_offsets":[0,8]}"#;
    let with = |from: &str, to: &str| format!(r#"{{"w":{}}}"#, entry.replacen(from, to, 1));
    for (text, data, said) in [
        (with("F32", "F33"), 8, &["dtype of w", "\"F33\"", "F32, F16, BF16"][..]),
        (with("[2]", "[3]"), 8, &["data_offsets of w", "[0, 8]", "12 bytes"]),
        (with("[2]", "[4294967296, 4294967296]"), 8, &["shape of w", "[4294967296, 4294967296]", "fits 64 bits"]),
        (with("[2]", "[-1]"), 8, &["header", "invalid value", "-1"]),
        (with("[2]", "[1e3]"), 8, &["header", "invalid type"]),
        (with("[2]", "2"), 8, &["header", "invalid type"]),
        (with("[0,8]", "[8,0]"), 8, &["data_offsets of w", "[8, 0]", "a start at 0"]),
        (with("[0,8]", "[0,8,16]"), 8, &["header"]),
        (with("\"F32\"", "\"F32\",\"dtype\":\"F32\""), 8, &["header", "duplicate field `dtype`"]),
        (with(",\"shape\":[2]", ""), 8, &["header", "missing field `shape`"]),
        (with("", ""), 9, &["data", "found 9 bytes", "the 8 that"]),
        (with("", ""), 7, &["data", "found 7 bytes", "the 8 that"]),
        (with("F32", "F4").replace("[2]", "[3]"), 8, &["shape of w", "[3]", "whole bytes of fp4"]),
        (format!(r#"{{"w":{entry},"w":{entry}}}"#), 8, &["header", "the key \"w\" occurs twice"]),
        (format!(r#"{{"w":{entry},"v":{entry}}}"#), 8, &["data_offsets of w", "[0, 8]", "a start at 8"]),
        (r#"{"__metadata__":{"a":"b"},"__metadata__":{}}"#.to_owned(), 0, &["\"__metadata__\" occurs twice"]),
        (r#"{"__metadata__":{"a":"b","a":"c"}}"#.to_owned(), 0, &["\"a\" occurs twice"]),
        (r#"{"__metadata__":{"a":1}}"#.to_owned(), 0, &["header", "invalid type"]),
        ("[]".to_owned(), 0, &["header", "a JSON object"]),
        (String::new(), 0, &["header", "a JSON object"]),
        ("[".repeat(100_000), 0, &["header", "a JSON object"]),
    ] {
        check(&text[..text.len().min(99)], &of_header(&text, data).bytes(), said);
    }
    let mut bytes = safetensors(&[tensor("w", &[2], "F32")]).bytes();
    bytes[20] = 0xFF;
    check("no text", &bytes, &["header", "not text", "UTF-8"]);
    bytes[..8].copy_from_slice(&(1_u64 << 60).to_le_bytes());
    check("a header of 2^60", &bytes, &["length of the header", "found 1152921504606846976", "at most"]);
    check("seven bytes", &bytes[..7], &["length of the header", "found 7 bytes", "cut off"]);
}

/// A file cut off anywhere is refused, and says that it is.
#[test]
fn truncated_files_are_refused() {
    let gguf = gguf(GGUF3, &keys(), &tensors());
    let safetensors = safetensors(&[tensor("v", &[2, 3], "BF16"), tensor("w", &[5], "F32")]);
    for Written { header, data } in [&gguf, &safetensors] {
        let bytes = Written { header: header.clone(), data: *data }.bytes();
        // The last tensor ends where the data do, but for what the writer pads.
        let end = if bytes.starts_with(b"GGUF") { header.len() + 448 + 136 } else { bytes.len() };
        for length in 0..end {
            assert!(open(&bytes[..length]).is_err(), "{length} of {} bytes", bytes.len());
        }
        open(&bytes[..end]).unwrap();
    }
}

/// What replaces the right files, under which name, and what is said when the directory is opened.
#[test]
fn wrong_parts_are_refused() {
    let one = safetensors(&[tensor("a", &[2], "F32")]);
    let path = directory("wrong parts");
    one.save(&path.join("one.safetensors"));
    std::fs::create_dir(path.join("folder")).unwrap();
    for (index, said) in [
        (r#"{"weight_map": {"a": "two.safetensors"}}"#, &["two.safetensors", "No such file"][..]),
        (r#"{"weight_map": {"b": "one.safetensors"}}"#, &["one.safetensors", "no tensor b", "index.json"]),
        (r#"{"weight_map": {"a": "one.safetensors", "b": "one.safetensors"}}"#, &["one.safetensors", "no tensor b"]),
        (r#"{"weight_map": {"a": "../one.safetensors"}}"#, &["weight_map", "\"../one.safetensors\"", "same directory"]),
        (r#"{"weight_map": {"a": "folder"}}"#, &["folder", "not a regular file"]),
        (r#"{"weight_map": {"a": ".."}}"#, &["weight_map", "same directory"]),
        (r#"{"weight_map": {"a": "one.safetensors", "a": "b"}}"#, &["index", "\"a\" occurs twice"]),
        (r#"{"weight_map": {"a": 1}}"#, &["index", "invalid type"]),
        (r#"{"weight": {}}"#, &["index", "missing field `weight_map`"]),
        ("", &["index", "EOF"]),
    ] {
        std::fs::write(path.join("model.safetensors.index.json"), index).unwrap();
        let error = WeightsFile::open(&path).unwrap_err().to_string();
        for part in said {
            assert!(error.contains(part), "{index}: no {part:?} in {error}");
        }
    }
}

#[test]
fn wrong_files_are_refused() {
    let path = directory("wrong files");
    let key = |key: &str, number| (key.to_owned(), Value::U16(number));
    let part = |no, tensors: &[Tensor]| gguf(GGUF3, &[key("split.no", no), key("split.count", 2)], tensors);
    std::fs::write(path.join("zip.bin"), b"PK\x03\x04 and more").unwrap();
    std::fs::write(path.join("empty.gguf"), b"").unwrap();
    part(0, &[]).save(&path.join("renamed.gguf"));
    part(0, &[]).save(&path.join("a-00001-of-00002.gguf"));
    part(0, &tensors()).save(&path.join("b-00001-of-00002.gguf"));
    part(1, &tensors()).save(&path.join("b-00002-of-00002.gguf"));
    part(0, &[]).save(&path.join("c-00001-of-00002.gguf"));
    part(0, &[]).save(&path.join("c-00002-of-00002.gguf"));
    for (name, said) in [
        ("", &["no model.safetensors.index.json"][..]),
        ("none.gguf", &["none.gguf", "No such file"]),
        ("zip.bin", &["zip.bin", "neither GGUF", "nor safetensors"]),
        ("empty.gguf", &["empty.gguf", "neither GGUF"]),
        ("renamed.gguf", &["split.count: found 2", "-00001-of-00002.gguf"]),
        ("a-00001-of-00002.gguf", &["a-00002-of-00002.gguf", "No such file"]),
        ("b-00001-of-00002.gguf", &["a.weight: found the tensor in two parts"]),
        ("c-00001-of-00002.gguf", &["c-00002-of-00002.gguf", "split.no: found 0, expected 1"]),
    ] {
        let error = WeightsFile::open(&path.join(name)).unwrap_err().to_string();
        for part in said {
            assert!(error.contains(part), "{name}: no {part:?} in {error}");
        }
    }
}

/// A whole file, for others to be made from.
fn whole() -> impl Strategy<Value = Vec<u8>> {
    let rows = vec(1..4_u64, 0..3);
    let many = |kinds: Vec<(&'static str, u64)>| {
        let one = ("[a-z.0-9]{1,12}", rows.clone(), prop::sample::select(kinds));
        vec(one, 0..4).prop_map(|all| {
            let tensors = all.into_iter().map(|(name, mut shape, (kind, block))| {
                shape.push(block);
                Tensor { name, shape, kind }
            });
            tensors.collect::<Vec<_>>()
        })
    };
    let gguf_kinds = GGML.iter().map(|(kind, _, block, _)| (*kind, *block)).collect();
    let kinds = DTYPES.iter().map(|(kind, _)| (*kind, 8)).collect();
    prop_oneof![
        many(gguf_kinds).prop_map(|tensors| gguf(GGUF3, &keys(), &tensors).bytes()),
        many(kinds).prop_map(|tensors| safetensors(&tensors).bytes()),
    ]
}

proptest! {
    /// Random bytes, with and without a right beginning.
    #[test]
    fn random_bytes_are_read_or_refused(bytes in vec(any::<u8>(), 0..200), start in 0..3_usize) {
        let start: &[u8] = match start {
            0 => b"GGUF\x03\0\0\0\x01\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0",
            1 => b"\x20\0\0\0\0\0\0\0{\"a\":",
            _ => b"",
        };
        judged(&[start, &bytes].concat())?;
    }

    /// Right files with some bytes changed and the end cut off.
    #[test]
    fn changed_files_are_read_or_refused(
        mut bytes in whole(),
        changes in vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        keep in any::<prop::sample::Index>(),
        cut in any::<bool>(),
    ) {
        if changes.is_empty() && !cut {
            // Only names that occur twice are wrong with it.
            prop_assert!(open(&bytes).map_or_else(|error| error.contains("twice"), |_| true));
        }
        // Headers are where it matters.
        let header = bytes.len().min(400);
        for (at, with) in changes {
            bytes[at.index(header)] = with;
        }
        let length = if cut { keep.index(bytes.len()) } else { bytes.len() };
        judged(&bytes[..length])?;
    }
}

/// What is read of a file is in it.
fn judged(bytes: &[u8]) -> Result<(), TestCaseError> {
    if let Ok(file) = open(bytes) {
        let total: u64 = file.tensors.iter().map(|tensor| tensor.bytes).sum();
        prop_assert!(total <= bytes.len() as u64);
    }
    Ok(())
}
