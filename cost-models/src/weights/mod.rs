//! Weights files: what GGUF and safetensors headers say of each tensor. The weights themselves are never read.
//!
//! A header is text or numbers that anyone may have written: every count and length is checked against what the file has
//! room for before anything is made of it, so that memory and time are bounded by the header's own size.

mod architecture;
mod asked;
pub(crate) mod compare;
pub(crate) mod declared;
mod dtype;
mod file_type;
mod gguf;
mod inferred;
pub(crate) mod names;
mod packed;
mod safetensors;
mod shards;
mod source;
mod unique;

use std::collections::BTreeMap;
use std::io::{Read, Seek};
use std::path::Path;

use cost_core::format::Format;

use crate::error::Error;

pub(crate) use architecture::config;
pub use asked::WeightFormat;
pub use file_type::FileType;
pub(crate) use shards::of_directory;

/// The most tensors that one file has. The largest mixtures have some hundred thousand, in many files.
const MOST_TENSORS: u64 = 1 << 20;

/// What a weights file (or several that make up one model) says of its tensors.
#[derive(Clone, Debug, PartialEq)]
pub struct WeightsFile {
    /// How its tensors are named.
    pub naming: Naming,
    /// Its tensors, in the order of their data.
    pub tensors: Vec<Stored>,
    /// What else the header says, by key.
    pub metadata: BTreeMap<String, Value>,
}

/// The conventions that names of tensors follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Naming {
    /// Those of GGUF: `blk.0.attn_q.weight`.
    Gguf,
    /// Those of the model's own modules, as safetensors files have them: `model.layers.0.self_attn.q_proj.weight`.
    Modules,
}

impl Naming {
    /// What the files are called.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gguf => "GGUF",
            Self::Modules => "safetensors",
        }
    }
}

/// A tensor in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Its name.
    pub name: String,
    /// Its sizes, those of rows last.
    pub shape: Vec<u64>,
    /// How its numbers are stored.
    pub format: Format,
    /// How many bytes they take.
    pub bytes: u64,
}

/// A value of a header's metadata.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A whole number.
    Integer(i128),
    /// A number with a fraction.
    Float(f64),
    /// Yes or no.
    Flag(bool),
    /// A text.
    Text(String),
    /// A list of numbers or flags.
    List(Vec<Value>),
    /// A list that is not kept, a vocabulary say, or a text that is too long to be: its length.
    Long(u64),
}

impl WeightsFile {
    /// Reads the headers of a GGUF file (and of the other parts of one that is split), of a safetensors file, of the files
    /// that an `index.json` names, or of a directory of safetensors files.
    ///
    /// An error names the file, the field, what was found and what was expected.
    pub fn open(path: &Path) -> Result<Self, Error> {
        shards::open(path)
    }

    /// Reads the header of one GGUF file.
    pub fn gguf(file: impl Read + Seek) -> Result<Self, Error> {
        gguf::read(file)
    }

    /// Reads the header of one safetensors file.
    pub fn safetensors(file: impl Read + Seek) -> Result<Self, Error> {
        safetensors::read(file)
    }
}

impl Stored {
    /// The tensor, if its sizes can be: their product fits, and rows are made of whole blocks of the format.
    fn new(name: String, shape: Vec<u64>, format: Format) -> Result<Self, Error> {
        let row = shape.last().copied().unwrap_or(1);
        let elements = shape.iter().try_fold(1_u64, |product, size| product.checked_mul(*size));
        let rows = elements.map(|elements| elements.checked_div(row).unwrap_or_default());
        let bits = rows.and_then(|rows| format.bits(rows.into(), row.into())).and_then(|bits| u64::try_from(bits).ok());
        let Some(bits) = bits else {
            return Err(wrong(&format!("shape of {name}"), &shown(&shape), "sizes whose product fits 64 bits"));
        };
        let block = dtype::block(&format);
        if !row.is_multiple_of(block) {
            let expected = format!("rows of a multiple of {block} elements, as {format} has it");
            return Err(wrong(&format!("shape of {name}"), &shown(&shape), expected));
        }
        if !bits.is_multiple_of(8) {
            let expected = format!("sizes that make whole bytes of {format}");
            return Err(wrong(&format!("shape of {name}"), &shown(&shape), expected));
        }
        Ok(Self { name, shape, format, bytes: bits / 8 })
    }
}

fn wrong(field: &str, found: &dyn std::fmt::Display, expected: impl Into<String>) -> Error {
    Error::Field { field: field.to_owned(), found: found.to_string(), expected: expected.into() }
}

/// A shape as text; of a long one the beginning.
fn shown(shape: &[u64]) -> String {
    const MOST: usize = 16;
    let more = if shape.len() > MOST { format!(", … of {} sizes", shape.len()) } else { String::new() };
    let sizes: Vec<String> = shape.iter().take(MOST).map(u64::to_string).collect();
    format!("[{}{more}]", sizes.join(", "))
}
