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
    // As ik_llama.cpp's copies of both files have them.
    ("Q6_0", 133, 32, 26),
    ("IQ2_K", 137, 256, 76),
    ("IQ3_K", 138, 256, 110),
    ("IQ4_K", 139, 256, 144),
    ("IQ5_K", 140, 256, 176),
    ("IQ6_K", 141, 256, 212),
];

/// Types of ik_llama.cpp whose rows begin with a scale: their names here, numbers, the elements and bytes of a block, and the
/// bytes of the scale (`row_meta_size` in its `ggml.c`).
pub const ROWS: &[(&str, u32, u64, u64, u64)] = &[
    ("iq1_bn", 134, 64, 13, 2),
    ("iq2_bn", 135, 64, 16, 4),
    ("iq4_ks", 144, 256, 136, 4),
    ("iq2_ks", 145, 256, 70, 2),
    ("iq4_kss", 146, 256, 128, 4),
    ("iq5_ks", 152, 256, 168, 4),
    ("iq2_kt", 153, 256, 68, 4),
    ("iq3_kt", 154, 256, 100, 4),
    ("iq4_kt", 155, 256, 128, 4),
    ("iq3_ks", 156, 256, 102, 2),
    ("iq2_kl", 157, 256, 86, 2),
    ("iq1_kt", 158, 256, 56, 4),
    ("iq1_s_r4", 219, 32, 6, 2),
    ("iq1_m_r4", 229, 32, 7, 2),
    ("iq2_bn", 335, 64, 16, 4),
    ("iq4_ks", 344, 256, 136, 4),
    ("iq5_ks", 352, 256, 168, 4),
];

/// Types of ik_llama.cpp that are others with their rows interleaved: numbers, what they are called here, the elements and
/// bytes of a block.
pub const INTERLEAVED: &[(u32, &str, u64, u64)] = &[
    (202, "q4_0", 32, 18),
    (206, "q5_0", 32, 22),
    (208, "q8_0", 32, 34),
    (210, "q2_k", 256, 84),
    (211, "q3_k", 256, 110),
    (212, "q4_k", 256, 144),
    (213, "q5_k", 256, 176),
    (214, "q6_k", 256, 210),
    (216, "iq2_xxs", 256, 66),
    (217, "iq2_xs", 256, 74),
    (218, "iq3_xxs", 256, 98),
    (220, "iq4_nl", 32, 18),
    (221, "iq3_s", 256, 110),
    (222, "iq2_s", 256, 82),
    (223, "iq4_xs", 256, 136),
    (230, "bf16", 1, 2),
    (233, "q6_0", 32, 26),
    (337, "iq2_k", 256, 76),
    (338, "iq3_k", 256, 110),
    (339, "iq4_k", 256, 144),
    (340, "iq5_k", 256, 176),
    (399, "q8_k_r8", 256, 258),
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

    /// A tensor: its name, its sizes from those of rows on, the number of its type, and where its data begin.
    fn entry(&mut self, name: &str, shape: &[u64], id: u32, offset: u64) {
        self.text(name);
        self.u32(u32::try_from(shape.len()).expect("few dimensions"));
        for size in shape.iter().rev() {
            self.u64(*size);
        }
        self.u32(id);
        self.u64(offset);
    }

    /// The file with this header and so many bytes of data.
    fn written(self, data: u64) -> Written {
        let mut header = self.bytes;
        header.resize(header.len().next_multiple_of(32), 0);
        Written { header, data }
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
        buffer.entry(name, shape, *id, data);
        data = (data + ggml_bytes(tensor)).next_multiple_of(32);
    }
    buffer.written(data)
}

/// A GGUF file with one tensor, of the type with this number, and so many bytes of data.
pub fn numbered(name: &str, shape: &[u64], id: u32, data: u64) -> Written {
    let mut buffer = Buffer { bytes: b"GGUF".to_vec(), big: false };
    buffer.u32(3);
    buffer.u64(1);
    buffer.u64(0);
    buffer.entry(name, shape, id, 0);
    buffer.written(data)
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
