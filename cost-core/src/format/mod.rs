//! Number formats: how many bits a tensor takes, scales and zero points included.

mod base;
mod parse;

use core::fmt;

pub use base::{BASES, Base, CLASSES, Class};

/// How a tensor's numbers are stored: a number type, and scales and zero points shared by groups of elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Format {
    /// The type of the elements.
    pub base: Base,
    /// What shares a scale.
    pub group: Group,
    /// The type of the scales.
    pub scale: Option<Base>,
    /// The type of the zero points.
    pub zero: Option<Base>,
    /// Further bits per group, for block formats with scales of scales.
    pub extra: u16,
    /// What scales the scales, where they are quantised themselves.
    pub outer: Option<Outer>,
}

/// A scale of scales.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Outer {
    /// Which scales share it.
    pub scales: Scales,
    /// Its type.
    pub scale: Base,
}

/// Scales that share a scale.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scales {
    /// So many of them.
    Of(u32),
    /// Those of a row.
    Row,
    /// All of the tensor's.
    Tensor,
}

/// What shares a scale (and a zero point).
///
/// A tensor's rows run along the axes that a product sums over (its input features), or along its last axis where no
/// product sums over any. Groups don't cross rows, and a last, partial group still has its scale.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Group {
    /// That many consecutive elements of a row.
    Of(u32),
    /// A rectangle of the tensor as a matrix: so many rows, and so many elements of each. Those at the edges may be
    /// smaller, and still have their scale.
    Block(u32, u32),
    /// A whole row: one scale for each output channel.
    Row,
    /// The whole tensor.
    Tensor,
}

const fn base(name: &str) -> Base {
    let mut i = 0;
    while !crate::text::same(BASES[i].name, name) {
        i += 1;
    }
    BASES[i]
}

const fn grouped(name: &str, group: u32, scale: &str) -> Format {
    Format { scale: Some(base(scale)), group: Group::Of(group), ..Format::plain(base(name)) }
}

/// A GGUF block format: `bits` an element and `bytes` for a block of `block` elements.
const fn block(name: &str, block: u16, bytes: u16) -> Format {
    let plain = Format::plain(base(name));
    Format { group: Group::Of(block as u32), extra: bytes * 8 - block * plain.base.bits, ..plain }
}

/// A block format, 16 of the bits of whose blocks are their scale.
const fn halved(block: Format) -> Format {
    let scale = base("f16");
    Format { extra: block.extra - scale.bits, scale: Some(scale), ..block }
}

/// A block format of which each row has a scale besides.
const fn rows(scale: &str, block: Format) -> Format {
    Format { outer: Some(Outer { scales: Scales::Row, scale: base(scale) }), ..block }
}

/// Formats with a name of their own.
///
/// Block sizes: OCP Microscaling Formats (MX) Specification 1.0 for `mx…`; NVIDIA's description of NVFP4 (16 elements
/// and an E4M3 scale); `ggml-common.h` of ggml for GGUF's `q…`, `iq…` and `tq…` (the sizes of its `block_…` structures);
/// for the types that only <https://github.com/ikawrakow/ik_llama.cpp> has, `GGML_QUANT_SIZES` of its
/// `gguf-py/gguf/constants.py` and `row_meta_size` of its `ggml/src/ggml.c` (what each row begins with).
pub const PRESETS: &[(&str, Format)] = &[
    ("mxfp4", grouped("fp4", 32, "e8m0")),
    ("mxfp6", grouped("fp6", 32, "e8m0")),
    ("mxfp8", grouped("fp8", 32, "e8m0")),
    ("nvfp4", grouped("fp4", 16, "fp8")),
    ("q4_0", grouped("int4", 32, "f16")),
    ("q4_1", Format { zero: Some(base("f16")), ..grouped("int4", 32, "f16") }),
    ("q5_0", grouped("int5", 32, "f16")),
    ("q5_1", Format { zero: Some(base("f16")), ..grouped("int5", 32, "f16") }),
    ("q8_0", grouped("int8", 32, "f16")),
    ("q2_k", block("int2", 256, 84)),
    ("q3_k", block("int3", 256, 110)),
    ("q4_k", block("int4", 256, 144)),
    ("q5_k", block("int5", 256, 176)),
    ("q6_k", block("int6", 256, 210)),
    ("q1_0", block("int1", 128, 18)),
    ("q2_0", block("int2", 64, 18)),
    ("q8_1", block("int8", 32, 36)),
    ("q8_k", block("int8", 256, 292)),
    ("iq1_s", block("code1", 256, 50)),
    ("iq1_m", block("code1", 256, 56)),
    ("iq2_xxs", block("code2", 256, 66)),
    ("iq2_xs", block("code2", 256, 74)),
    ("iq2_s", block("code2", 256, 82)),
    ("iq3_xxs", block("code3", 256, 98)),
    ("iq3_s", block("code3", 256, 110)),
    ("iq4_nl", block("code4", 32, 18)),
    ("iq4_xs", block("code4", 256, 136)),
    // Three values an element: five of them in a byte, or four.
    ("tq1_0", block("int1", 256, 54)),
    ("tq2_0", block("int2", 256, 66)),
    // Those of ik_llama.cpp.
    ("q6_0", block("int6", 32, 26)),
    ("q8_k_r8", block("int8", 256, 258)),
    ("iq1_bn", rows("f16", block("int1", 64, 13))),
    ("iq2_bn", rows("f32", block("int2", 64, 16))),
    ("iq1_s_r4", rows("f16", block("code1", 32, 6))),
    ("iq1_m_r4", rows("f16", block("code1", 32, 7))),
    ("iq2_k", halved(block("code2", 256, 76))),
    ("iq3_k", halved(block("code3", 256, 110))),
    ("iq4_k", halved(block("code4", 256, 144))),
    ("iq5_k", halved(block("code5", 256, 176))),
    ("iq6_k", halved(block("code6", 256, 212))),
    ("iq2_ks", rows("f16", block("code2", 256, 70))),
    ("iq2_kl", rows("f16", block("code2", 256, 86))),
    ("iq3_ks", rows("f16", block("code3", 256, 102))),
    ("iq4_kss", rows("f32", block("code4", 256, 128))),
    ("iq4_ks", rows("f32", block("code4", 256, 136))),
    ("iq5_ks", rows("f32", block("code5", 256, 168))),
    ("iq1_kt", rows("f32", block("trellis1", 256, 56))),
    ("iq2_kt", rows("f32", block("trellis2", 256, 68))),
    ("iq3_kt", rows("f32", block("trellis3", 256, 100))),
    ("iq4_kt", rows("f32", block("trellis4", 256, 128))),
];

impl Format {
    /// 16-bit brain floating point.
    pub const BF16: Self = Self::plain(base("bf16"));
    /// 32-bit floating point.
    pub const F32: Self = Self::plain(base("f32"));
    /// 32-bit integers.
    pub const INT32: Self = Self::plain(base("int32"));
    /// One byte an element: byte counts are then element counts.
    pub const BYTE: Self = Self::plain(base("int8"));

    /// A number type without scales.
    pub const fn plain(base: Base) -> Self {
        Self { base, group: Group::Tensor, scale: None, zero: None, extra: 0, outer: None }
    }

    /// The format with this name, in constants.
    ///
    /// # Panics
    ///
    /// If there is none.
    #[track_caller]
    pub const fn known(text: &str) -> Self {
        match Self::parse(text) {
            Ok(format) => format,
            Err(expected) => panic!("{}", expected),
        }
    }

    /// Whether another format is this one, in constants.
    pub const fn same(&self, other: &Self) -> bool {
        const fn bases(a: Option<Base>, b: Option<Base>) -> bool {
            match (a, b) {
                (Some(a), Some(b)) => crate::text::same(a.name, b.name),
                (None, None) => true,
                _ => false,
            }
        }
        let groups = match (self.group, other.group) {
            (Group::Of(a), Group::Of(b)) => a == b,
            (Group::Block(a, c), Group::Block(b, d)) => a == b && c == d,
            (Group::Row, Group::Row) | (Group::Tensor, Group::Tensor) => true,
            _ => false,
        };
        let outers = match (self.outer, other.outer) {
            (Some(a), Some(b)) => {
                let scales = match (a.scales, b.scales) {
                    (Scales::Of(a), Scales::Of(b)) => a == b,
                    (Scales::Row, Scales::Row) | (Scales::Tensor, Scales::Tensor) => true,
                    _ => false,
                };
                scales && bases(Some(a.scale), Some(b.scale))
            }
            (None, None) => true,
            _ => false,
        };
        let scales = bases(self.scale, other.scale) && bases(self.zero, other.zero) && self.extra == other.extra;
        bases(Some(self.base), Some(other.base)) && groups && scales && outers
    }

    /// Bits that each group takes besides its elements; scales of scales are not in it.
    pub const fn group_bits(&self) -> u64 {
        let scale = match self.scale {
            Some(scale) => scale.bits,
            None => 0,
        };
        let zero = match self.zero {
            Some(zero) => zero.bits,
            None => 0,
        };
        (scale + zero + self.extra) as u64
    }

    /// Bits of a matrix of so many rows of so many elements; nothing if they don't fit.
    pub fn bits(&self, rows: u128, row: u128) -> Option<u128> {
        let groups = match self.group {
            Group::Tensor => 1,
            Group::Row => rows,
            Group::Of(n) => rows.checked_mul(row.div_ceil(n.into()))?,
            Group::Block(high, wide) => rows.div_ceil(high.into()).checked_mul(row.div_ceil(wide.into()))?,
        };
        let outer = self.outer.map_or(Some(0), |outer| {
            let scales = match outer.scales {
                Scales::Of(n) => groups.div_ceil(n.into()),
                Scales::Row => rows,
                Scales::Tensor => 1,
            };
            scales.checked_mul(outer.scale.bits.into())
        })?;
        let own = rows.checked_mul(row)?.checked_mul(self.base.bits.into())?;
        own.checked_add(groups.checked_mul(self.group_bits().into())?)?.checked_add(outer)
    }

    /// FLOPs to widen one element: a product where there is a scale, a difference where there is a zero point.
    pub const fn dequant_flops(&self) -> u64 {
        (self.group_bits() > 0 || self.outer.is_some()) as u64 + self.zero.is_some() as u64
    }

    /// The formats that [`Format::parse`] knows by name.
    pub fn names() -> impl Iterator<Item = &'static str> {
        BASES.iter().map(|base| base.name).chain(PRESETS.iter().map(|(name, _)| *name))
    }
}

/// The text that [`Format::parse`] reads back.
impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((name, _)) = PRESETS.iter().find(|(_, preset)| preset == self) {
            return f.write_str(name);
        }
        f.write_str(self.base.name)?;
        let Some(scale) = self.scale else {
            return match self.group {
                Group::Of(n) if self.extra > 0 => write!(f, ":g{n}+{}", self.extra),
                _ => Ok(()),
            };
        };
        match self.group {
            Group::Of(n) if self.extra > 0 => write!(f, ":g{n}+{}", self.extra)?,
            Group::Of(n) => write!(f, ":g{n}")?,
            Group::Block(rows, columns) => write!(f, ":b{rows}x{columns}")?,
            Group::Row => f.write_str(":row")?,
            Group::Tensor => f.write_str(":tensor")?,
        }
        write!(f, ":{}", scale.name)?;
        match self.outer {
            Some(Outer { scales: Scales::Of(n), scale }) => write!(f, ":g{n}:{}", scale.name),
            Some(Outer { scales: Scales::Row, scale }) => write!(f, ":row:{}", scale.name),
            Some(Outer { scales: Scales::Tensor, scale }) => write!(f, ":tensor:{}", scale.name),
            None => self.zero.map_or(Ok(()), |zero| write!(f, ":{}", zero.name)),
        }
    }
}
