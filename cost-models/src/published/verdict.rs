//! How a published figure can compare with the derived one.

use serde::{Serialize, Serializer};

/// How a published figure compares with the derived one.
///
/// A row of several figures has the last of their verdicts in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// A statement or an algorithm without a figure, which the derivation bears out.
    Derive,
    /// Equal to every printed digit.
    Exact,
    /// Equal after rounding or truncation to the printed digits.
    Rounded,
    /// Equal under a named convention that is not the library's.
    Convention,
    /// Wrong, and reproduced by the mistake that it comes from.
    Erratum,
    /// Measured: only what it implies is checked.
    Empirical,
    /// Not derived yet.
    Pending,
}

impl Verdict {
    /// Every verdict.
    pub const ALL: &'static [Self] =
        &[Self::Derive, Self::Exact, Self::Rounded, Self::Convention, Self::Erratum, Self::Empirical, Self::Pending];

    /// Its name, in lower case.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Derive => "derive",
            Self::Exact => "exact",
            Self::Rounded => "rounded",
            Self::Convention => "convention",
            Self::Erratum => "erratum",
            Self::Empirical => "empirical",
            Self::Pending => "pending",
        }
    }

    /// What it means.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Derive => "a statement or an algorithm without a figure, which the derivation bears out",
            Self::Exact => "equal to every printed digit",
            Self::Rounded => "equal after rounding or truncation to the printed digits",
            Self::Convention => "equal under a named convention that is not the library's",
            Self::Erratum => "wrong in the document, and reproduced by the mistake that it comes from",
            Self::Empirical => "measured; only what it implies is checked",
            Self::Pending => "not derived yet",
        }
    }
}

impl Serialize for Verdict {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.name().serialize(serializer)
    }
}
