//! Numbers of bytes.

use serde::{Serialize, Serializer};

/// A number of bytes, exact to the bit: formats narrower than a byte can leave a fraction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(transparent))]
pub struct Bytes {
    #[cfg_attr(feature = "schema", schemars(with = "f64"))]
    bits: u128,
}

impl Bytes {
    /// That many bits.
    pub const fn of_bits(bits: u128) -> Self {
        Self { bits }
    }

    /// The same in bits.
    pub const fn bits(self) -> u128 {
        self.bits
    }

    /// Whether there are none.
    pub const fn is_zero(&self) -> bool {
        self.bits == 0
    }

    /// The number, if it is whole.
    pub const fn whole(self) -> Option<u128> {
        if self.bits.is_multiple_of(8) { Some(self.bits / 8) } else { None }
    }

    /// The number as floating point.
    pub fn to_f64(self) -> f64 {
        self.bits as f64 / 8.0
    }
}

/// A whole number, or a number with the fraction of a byte while that is exact.
impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.whole() {
            Some(bytes) => bytes.serialize(serializer),
            // A double holds eighths exactly up to 2^50; beyond, the fraction of a byte is rounded up.
            None if self.bits < 1 << 53 => self.to_f64().serialize(serializer),
            None => self.bits.div_ceil(8).serialize(serializer),
        }
    }
}
