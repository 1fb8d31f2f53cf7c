//! The plain number types that formats are made of.

/// A number type without scales.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Base {
    /// Its name.
    pub name: &'static str,
    /// Bits per number.
    pub bits: u16,
    /// The units that multiply it without widening it.
    pub class: Class,
}

impl Base {
    /// Whether it is an integer type.
    pub const fn is_integer(&self) -> bool {
        matches!(self.name.as_bytes(), [b'i', b'n', b't', ..])
    }

    /// Whether it is a floating-point type, neither an integer nor an index into a table of values.
    pub const fn is_float(&self) -> bool {
        matches!(self.name.as_bytes(), [b'f' | b'b' | b'e', ..])
    }
}

/// Kinds of matrix units, by the numbers that they multiply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// 32-bit floating point.
    F32,
    /// 16-bit floating point.
    F16,
    /// 8-bit floating point.
    F8,
    /// 8-bit integers.
    I8,
    /// 4-bit floating point.
    F4,
    /// 4-bit integers.
    I4,
}

/// Number of [`Class`]es.
pub const CLASSES: usize = 6;

impl Class {
    /// Every class, in the order of its index.
    pub const ALL: [Self; CLASSES] = [Self::F32, Self::F16, Self::F8, Self::I8, Self::F4, Self::I4];

    /// The class that this one runs as where a device has no units for it; nothing for those that every device has.
    pub const fn widened(self) -> Option<Self> {
        match self {
            Self::F32 | Self::F16 => None,
            Self::F8 | Self::I8 => Some(Self::F16),
            Self::F4 => Some(Self::F8),
            Self::I4 => Some(Self::I8),
        }
    }

    /// The narrowest class that both operands of a product can be widened to.
    #[must_use]
    pub const fn common(self, other: Self) -> Self {
        let mut a = self;
        loop {
            let mut b = other;
            loop {
                if a as u8 == b as u8 {
                    return a;
                }
                match b.widened() {
                    Some(wider) => b = wider,
                    None => break,
                }
            }
            match a.widened() {
                Some(wider) => a = wider,
                None => return Self::F32,
            }
        }
    }

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::F32 => "f32",
            Self::F16 => "bf16",
            Self::F8 => "fp8",
            Self::I8 => "int8",
            Self::F4 => "fp4",
            Self::I4 => "int4",
        }
    }
}

/// Every plain number type.
///
/// Integers narrower than 8 bits other than 4 have no units anywhere, and are widened to 8 bits; so are `code…`, indices
/// into a table of integers (GGUF's `iq…`), whose width is the whole bits that an element takes, and `trellis…`, steps of a
/// walk that ends at one (`iq…_kt`). `nf4` is an index into
/// the 16 values of QLoRA's NormalFloat (arXiv:2305.14314), which are widened to 16 bits. `fp8` is E4M3 or E5M2.
pub const BASES: &[Base] = &[
    Base { name: "f64", bits: 64, class: Class::F32 },
    Base { name: "f32", bits: 32, class: Class::F32 },
    Base { name: "bf16", bits: 16, class: Class::F16 },
    Base { name: "f16", bits: 16, class: Class::F16 },
    Base { name: "fp8", bits: 8, class: Class::F8 },
    Base { name: "fp6", bits: 6, class: Class::F8 },
    Base { name: "fp4", bits: 4, class: Class::F4 },
    Base { name: "e8m0", bits: 8, class: Class::F16 },
    Base { name: "int64", bits: 64, class: Class::F32 },
    Base { name: "int32", bits: 32, class: Class::F32 },
    Base { name: "int16", bits: 16, class: Class::F16 },
    Base { name: "int8", bits: 8, class: Class::I8 },
    Base { name: "int6", bits: 6, class: Class::I8 },
    Base { name: "int5", bits: 5, class: Class::I8 },
    Base { name: "int4", bits: 4, class: Class::I4 },
    Base { name: "int3", bits: 3, class: Class::I8 },
    Base { name: "int2", bits: 2, class: Class::I8 },
    Base { name: "int1", bits: 1, class: Class::I8 },
    Base { name: "code6", bits: 6, class: Class::I8 },
    Base { name: "code5", bits: 5, class: Class::I8 },
    Base { name: "code4", bits: 4, class: Class::I8 },
    Base { name: "code3", bits: 3, class: Class::I8 },
    Base { name: "code2", bits: 2, class: Class::I8 },
    Base { name: "code1", bits: 1, class: Class::I8 },
    Base { name: "trellis4", bits: 4, class: Class::I8 },
    Base { name: "trellis3", bits: 3, class: Class::I8 },
    Base { name: "trellis2", bits: 2, class: Class::I8 },
    Base { name: "trellis1", bits: 1, class: Class::I8 },
    Base { name: "nf4", bits: 4, class: Class::F16 },
];
