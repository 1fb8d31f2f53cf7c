//! Sizes written in terms of an operator's axes: `f: 3 * d`, `0..l - 1`.

/// A polynomial in the axes of the operator that it is written in, with integer coefficients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dim<'a> {
    /// One axis.
    Axis(u8),
    /// A sum of terms; the empty sum is zero.
    Sum(&'a [Term<'a>]),
}

/// `coefficient · ∏ axes`; an axis may occur more than once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Term<'a> {
    /// The integer factor.
    pub coefficient: i64,
    /// The axes whose sizes are multiplied.
    pub axes: &'a [u8],
}

impl Dim<'_> {
    /// The axes of a dimension that is a plain product of different axes (the axes that it flattens), else nothing.
    /// The constant 1 is the product of no axes.
    pub const fn product(&self) -> Option<super::Shape> {
        match self {
            Self::Axis(axis) => Some(super::Shape::SCALAR.with(*axis)),
            Self::Sum([term]) if term.coefficient == 1 => {
                let shape = super::Shape::of(term.axes);
                if shape.rank() == term.axes.len() { Some(shape) } else { None }
            }
            Self::Sum(_) => None,
        }
    }
}
