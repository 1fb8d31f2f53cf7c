//! What headers say is what was written.

use std::cell::Cell;
use std::io::{Cursor, Read, Seek, SeekFrom};
use std::path::PathBuf;

use cost_models::weights::{Naming, Stored, Value, WeightsFile};
use cost_tests::files::{
    DTYPES, Dialect, GGML, GGUF3, INTERLEAVED, ROWS, Tensor, Value as Written, gguf, numbered, safetensors, tensor,
};

/// An empty directory for one test.
pub(crate) fn directory(test: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(test);
    drop(std::fs::remove_dir_all(&path));
    std::fs::create_dir_all(&path).unwrap();
    path
}

fn check(stored: &Stored, written: &Tensor, bytes: u64) {
    assert_eq!((&stored.name, &stored.shape, stored.bytes), (&written.name, &written.shape, bytes));
}

/// Three rows of four blocks of every type.
#[test]
fn every_gguf_type_has_its_bytes() {
    for (kind, _, block, bytes) in GGML {
        let written = tensor("w", &[3, 4 * block], kind);
        let file = WeightsFile::gguf(Cursor::new(gguf(GGUF3, &[], std::slice::from_ref(&written)).bytes())).unwrap();
        assert_eq!(file.naming, Naming::Gguf);
        check(&file.tensors[0], &written, 12 * bytes);
        let shown = file.tensors[0].format.to_string();
        let plain = kind.strip_prefix('I').filter(|bits| bits.parse::<u32>().is_ok());
        assert_eq!(shown, plain.map_or_else(|| kind.to_lowercase(), |bits| format!("int{bits}")));
    }
}

/// Three rows of four blocks, each row with the scale that it begins with.
#[test]
fn types_of_ik_llama_have_their_bytes() {
    let interleaved = INTERLEAVED.iter().map(|(id, name, block, bytes)| (*name, *id, *block, *bytes, 0));
    for (name, id, block, bytes, scale) in ROWS.iter().copied().chain(interleaved) {
        let data = 3 * (4 * bytes + scale);
        let bytes = numbered("w", &[3, 4 * block], id, data).bytes();
        let file = WeightsFile::gguf(Cursor::new(bytes)).unwrap();
        assert_eq!((file.tensors[0].bytes, file.tensors[0].format.to_string().as_str()), (data, name), "{id}");
    }
}

#[test]
fn every_safetensors_type_has_its_bytes() {
    for (kind, bits) in DTYPES {
        let written = tensor("w", &[3, 4, 8], kind);
        let file = WeightsFile::safetensors(Cursor::new(safetensors(std::slice::from_ref(&written)).bytes())).unwrap();
        assert_eq!(file.naming, Naming::Modules);
        check(&file.tensors[0], &written, 12 * bits);
        assert_eq!(u64::from(file.tensors[0].format.base.bits), *bits, "{kind}");
        assert_eq!(file.metadata.get("format"), Some(&Value::Text("pt".to_owned())));
    }
}

fn metadata() -> Vec<(String, Written)> {
    let tokens = (0..5000).map(|token| format!("token {token}")).collect();
    [
        ("general.architecture", Written::Text("llama".to_owned())),
        ("llama.block_count", Written::U32(32)),
        ("split.other", Written::U16(7)),
        ("llama.rope.freq_base", Written::F32(0.5)),
        ("tokenizer.ggml.add_bos_token", Written::Bool(true)),
        ("tokenizer.ggml.tokens", Written::Texts(tokens)),
        ("tokenizer.ggml.token_type", Written::U32s(vec![1; 5000])),
        ("llama.attention.head_count_kv", Written::U32s(vec![8, 4, 8])),
    ]
    .map(|(key, value)| (key.to_owned(), value))
    .to_vec()
}

#[test]
fn both_versions_and_byte_orders_say_the_same() {
    let tensors = [tensor("a", &[7, 256], "Q4_K"), tensor("b", &[5], "F32"), tensor("c", &[2, 3, 64], "Q8_0")];
    for (version, big) in [(2, false), (3, false), (2, true), (3, true)] {
        let bytes = gguf(Dialect { version, big }, &metadata(), &tensors).bytes();
        let file = WeightsFile::gguf(Cursor::new(bytes)).unwrap();
        // 144 byte for 256 elements, 4 for one, 34 for 32.
        for (stored, (written, bytes)) in file.tensors.iter().zip(tensors.iter().zip([7 * 144, 5 * 4, 12 * 34])) {
            check(stored, written, bytes);
        }
        let found: Vec<(&str, &Value)> = file.metadata.iter().map(|(key, value)| (key.as_str(), value)).collect();
        let list = Value::List([8, 4, 8].map(Value::Integer).to_vec());
        let expected = [
            ("general.architecture", Value::Text("llama".to_owned())),
            ("llama.attention.head_count_kv", list),
            ("llama.block_count", Value::Integer(32)),
            ("llama.rope.freq_base", Value::Float(0.5)),
            ("split.other", Value::Integer(7)),
            ("tokenizer.ggml.add_bos_token", Value::Flag(true)),
            ("tokenizer.ggml.token_type", Value::Long(5000)),
            ("tokenizer.ggml.tokens", Value::Long(5000)),
        ];
        assert_eq!(found, expected.each_ref().map(|(key, value)| (*key, value)));
    }
}

/// A file that claims to be longer than it is, and counts what is read of it.
struct Counted<'c> {
    header: Cursor<Vec<u8>>,
    length: u64,
    read: &'c Cell<usize>,
}

impl Read for Counted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.header.read(buffer)?;
        self.read.set(self.read.get() + read);
        Ok(read)
    }
}

impl Seek for Counted<'_> {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        match to {
            SeekFrom::End(offset) => self.header.seek(SeekFrom::Start(self.length.saturating_add_signed(offset))),
            to => self.header.seek(to),
        }
    }
}

/// A header is read at most once; of a terabyte of weights nothing is.
#[test]
fn weights_are_never_read() {
    let read = Cell::new(0);
    let shape = [1 << 20, 1 << 18];
    for (written, is_gguf) in [
        (gguf(GGUF3, &metadata(), &[tensor("w", &shape, "F32")]), true),
        (safetensors(&[tensor("w", &shape, "F32")]), false),
    ] {
        assert_eq!(written.data, 1 << 40);
        read.set(0);
        let length = written.header.len() as u64 + written.data;
        let file = Counted { header: Cursor::new(written.header.clone()), length, read: &read };
        let file = if is_gguf { WeightsFile::gguf(file) } else { WeightsFile::safetensors(file) };
        assert_eq!(file.unwrap().tensors[0].bytes, 1 << 40);
        assert!(read.get() <= written.header.len());
    }
}

#[test]
fn files_of_several_parts_are_one() {
    let (a, b) = (tensor("a", &[2, 32], "F16"), tensor("b", &[3, 32], "F32"));
    let path = directory("parts");
    let index = r#"{"metadata": {"total_size": 512}, "weight_map": {"a": "one.safetensors", "b": "two.safetensors"}}"#;
    std::fs::write(path.join("model.safetensors.index.json"), index).unwrap();
    safetensors(std::slice::from_ref(&a)).save(&path.join("one.safetensors"));
    safetensors(std::slice::from_ref(&b)).save(&path.join("two.safetensors"));
    for part in [0_u16, 1] {
        let metadata = [("split.no", part), ("split.count", 2), ("split.tensors.count", 2)];
        let metadata = metadata.map(|(key, value)| (key.to_owned(), Written::U16(value)));
        let written = gguf(GGUF3, &metadata, std::slice::from_ref(if part == 0 { &a } else { &b }));
        written.save(&path.join(format!("model-{:05}-of-00002.gguf", part + 1)));
    }
    for name in ["", "model.safetensors.index.json", "model-00001-of-00002.gguf", "model-00002-of-00002.gguf"] {
        let file = WeightsFile::open(&path.join(name)).unwrap();
        let found: Vec<(&str, u64)> = file.tensors.iter().map(|it| (it.name.as_str(), it.bytes)).collect();
        assert_eq!(found, [("a", 2 * 32 * 2), ("b", 3 * 32 * 4)], "{name}");
    }
}
