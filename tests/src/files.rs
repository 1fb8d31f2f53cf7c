//! A tiny writer of weights files: headers as their formats have them, and room for the data, which are never written.

use std::fs::File;
use std::io::Write;
use std::path::Path;

/// A file: its header, and how many bytes of data follow.
#[derive(Clone, Debug)]
pub struct Written {
    /// The header, padded to where the data begin.
    pub header: Vec<u8>,
    /// How many bytes of data there are.
    pub data: u64,
}

impl Written {
    /// The whole file, its data all zero.
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = self.header.clone();
        bytes.resize(bytes.len() + usize::try_from(self.data).expect("little data"), 0);
        bytes
    }

    /// Writes the file. Its data take no room on disk.
    pub fn save(&self, path: &Path) {
        let mut file = File::create(path).expect("a file can be made");
        file.write_all(&self.header).expect("and written");
        file.set_len(self.header.len() as u64 + self.data).expect("and made longer");
    }
}

/// A tensor to write: its name, its sizes with those of rows last, and what the file calls its type.
#[derive(Clone, Debug)]
pub struct Tensor {
    /// Its name.
    pub name: String,
    /// Its sizes.
    pub shape: Vec<u64>,
    /// Its type: `Q4_K` in GGUF, `BF16` in safetensors.
    pub kind: &'static str,
}

/// A tensor to write.
pub fn tensor(name: &str, shape: &[u64], kind: &'static str) -> Tensor {
    Tensor { name: name.to_owned(), shape: shape.to_vec(), kind }
}

/// GGUF's types: their names, numbers, and the elements and bytes of a block, as `GGML_QUANT_SIZES` of gguf-py 0.17
/// (`gguf/constants.py`) and `ggml-common.h` have them.
pub const GGML: &[(&str, u32, u64, u64)] = &[
    ("F32", 0, 1, 4),
    ("F16", 1, 1, 2),
    ("Q4_0", 2, 32, 18),
    ("Q4_1", 3, 32, 20),
    ("Q5_0", 6, 32, 22),
    ("Q5_1", 7, 32, 24),
    ("Q8_0", 8, 32, 34),
    ("Q8_1", 9, 32, 36),
    ("Q2_K", 10, 256, 84),
    ("Q3_K", 11, 256, 110),
    ("Q4_K", 12, 256, 144),
    ("Q5_K", 13, 256, 176),
    ("Q6_K", 14, 256, 210),
    ("Q8_K", 15, 256, 292),
    ("IQ2_XXS", 16, 256, 66),
    ("IQ2_XS", 17, 256, 74),
    ("IQ3_XXS", 18, 256, 98),
    ("IQ1_S", 19, 256, 50),
    ("IQ4_NL", 20, 32, 18),
    ("IQ3_S", 21, 256, 110),
    ("IQ2_S", 22, 256, 82),
    ("IQ4_XS", 23, 256, 136),
    ("I8", 24, 1, 1),
    ("I16", 25, 1, 2),
    ("I32", 26, 1, 4),
    ("I64", 27, 1, 8),
    ("F64", 28, 1, 8),
    ("IQ1_M", 29, 256, 56),
    ("BF16", 30, 1, 2),
    ("TQ1_0", 34, 256, 54),
    ("TQ2_0", 35, 256, 66),
    ("MXFP4", 39, 32, 17),
    ("NVFP4", 40, 64, 36),
    ("Q1_0", 41, 128, 18),
    ("Q2_0", 42, 64, 18),
];

/// Safetensors' types and their bits, as the `Dtype` of the crate `safetensors` has them.
pub const DTYPES: &[(&str, u64)] = &[
    ("BOOL", 8),
    ("F4", 4),
    ("F6_E2M3", 6),
    ("F6_E3M2", 6),
    ("U8", 8),
    ("I8", 8),
    ("F8_E5M2", 8),
    ("F8_E4M3", 8),
    ("F8_E8M0", 8),
    ("I16", 16),
    ("U16", 16),
    ("F16", 16),
    ("BF16", 16),
    ("I32", 32),
    ("U32", 32),
    ("F32", 32),
    ("F64", 64),
    ("I64", 64),
    ("U64", 64),
];

/// A value of GGUF metadata.
#[derive(Clone, Debug)]
pub enum Value {
    /// A number of 32 bits.
    U32(u32),
    /// A number of 16 bits.
    U16(u16),
    /// A floating-point number.
    F32(f32),
    /// A flag.
    Bool(bool),
    /// A text.
    Text(String),
    /// A list of texts.
    Texts(Vec<String>),
    /// A list of numbers.
    U32s(Vec<u32>),
}

/// The version and byte order of a GGUF file.
#[derive(Clone, Copy, Debug)]
pub struct Dialect {
    /// Its version.
    pub version: u32,
    /// Whether numbers begin with their highest byte.
    pub big: bool,
}

/// What is written today.
pub const GGUF3: Dialect = Dialect { version: 3, big: false };

struct Buffer {
    bytes: Vec<u8>,
    big: bool,
}

impl Buffer {
    fn put<const N: usize>(&mut self, mut little: [u8; N]) {
        if self.big {
            little.reverse();
        }
        self.bytes.extend(little);
    }

    fn u32(&mut self, number: u32) {
        self.put(number.to_le_bytes());
    }

    fn u64(&mut self, number: u64) {
        self.put(number.to_le_bytes());
    }

    fn text(&mut self, text: &str) {
        self.u64(text.len() as u64);
        self.bytes.extend(text.as_bytes());
    }

    fn value(&mut self, value: &Value) {
        let list = |buffer: &mut Self, kind: u32, length: usize| {
            buffer.u32(9);
            buffer.u32(kind);
            buffer.u64(length as u64);
        };
        match value {
            Value::U16(number) => {
                self.u32(2);
                self.put(number.to_le_bytes());
            }
            Value::U32(number) => {
                self.u32(4);
                self.u32(*number);
            }
            Value::F32(number) => {
                self.u32(6);
                self.put(number.to_le_bytes());
            }
            Value::Bool(flag) => {
                self.u32(7);
                self.bytes.push(u8::from(*flag));
            }
            Value::Text(text) => {
                self.u32(8);
                self.text(text);
            }
            Value::Texts(texts) => {
                list(self, 8, texts.len());
                for text in texts {
                    self.text(text);
                }
            }
            Value::U32s(numbers) => {
                list(self, 4, numbers.len());
                for number in numbers {
                    self.u32(*number);
                }
            }
        }
    }
}

/// A GGUF file with this metadata and these tensors, one after another.
pub fn gguf(dialect: Dialect, metadata: &[(String, Value)], tensors: &[Tensor]) -> Written {
    let mut buffer = Buffer { bytes: b"GGUF".to_vec(), big: dialect.big };
    buffer.u32(dialect.version);
    buffer.u64(tensors.len() as u64);
    buffer.u64(metadata.len() as u64);
    for (key, value) in metadata {
        buffer.text(key);
        buffer.value(value);
    }
    let mut data = 0;
    for tensor in tensors {
        let Tensor { name, shape, kind } = tensor;
        let (_, id, ..) = GGML.iter().find(|(name, ..)| name == kind).expect("a known type");
        buffer.text(name);
        buffer.u32(u32::try_from(shape.len()).expect("few dimensions"));
        for size in shape.iter().rev() {
            buffer.u64(*size);
        }
        buffer.u32(*id);
        buffer.u64(data);
        data = (data + ggml_bytes(tensor)).next_multiple_of(32);
    }
    let mut header = buffer.bytes;
    header.resize(header.len().next_multiple_of(32), 0);
    Written { header, data }
}

/// The bytes of a tensor in a GGUF file.
pub fn ggml_bytes(tensor: &Tensor) -> u64 {
    let (_, _, block, bytes) = GGML.iter().find(|(name, ..)| *name == tensor.kind).expect("a known type");
    tensor.shape.iter().product::<u64>() / block * bytes
}

/// A safetensors file with these tensors, one after another.
pub fn safetensors(tensors: &[Tensor]) -> Written {
    let mut data = 0;
    let entries = tensors.iter().map(|Tensor { name, shape, kind }| {
        let (_, bits) = DTYPES.iter().find(|(name, _)| name == kind).expect("a known type");
        let from = data;
        data += shape.iter().product::<u64>() * bits / 8;
        format!(r#""{name}":{{"dtype":"{kind}","shape":{shape:?},"data_offsets":[{from},{data}]}}"#)
    });
    let entries: Vec<String> = entries.collect();
    let metadata = r#""__metadata__":{"format":"pt"}"#.to_owned();
    let text = format!("{{{}}}", [vec![metadata], entries].concat().join(","));
    of_header(&text, data)
}

/// A safetensors file with this header and so many bytes of data.
pub fn of_header(text: &str, data: u64) -> Written {
    let mut header = (text.len() as u64).to_le_bytes().to_vec();
    header.extend(text.as_bytes());
    Written { header, data }
}
