//! Sizes written in terms of an operator's axes: `f: 3 * d`, `0..l - 1`, `p = (h + 2 - r) / 2 + 1`.

use super::Shape;

/// Most quotients inside one another.
pub const MAX_QUOTIENTS: usize = 16;

/// A polynomial in the axes of the operator that it is written in and in quotients of such polynomials, with integer
/// coefficients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dim<'a> {
    /// One axis.
    Axis(u8),
    /// A sum of terms; the empty sum is zero.
    Sum(&'a [Term<'a>]),
}

/// `coefficient · ∏ axes · ∏ quotients`; an axis may occur more than once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Term<'a> {
    /// The integer factor.
    pub coefficient: i64,
    /// The axes whose sizes are multiplied.
    pub axes: &'a [u8],
    /// What else is multiplied.
    pub quotients: &'a [Quotient<'a>],
}

/// A size divided by another, in whole numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quotient<'a> {
    /// What is divided.
    pub above: Dim<'a>,
    /// What it is divided by.
    pub below: Dim<'a>,
    /// Whether it is rounded up, and not down.
    pub up: bool,
}

/// An axis whose size is given in terms of others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Derived<'a> {
    /// The axis.
    pub axis: u8,
    /// Its size, in terms of axes that have none given, or come before it.
    pub dim: Dim<'a>,
}

impl<'a> Term<'a> {
    /// A multiple of a product of axes.
    pub const fn new(coefficient: i64, axes: &'a [u8]) -> Self {
        Self { coefficient, axes, quotients: &[] }
    }
}

impl Dim<'_> {
    /// The axes of a dimension that is a plain product of different axes (the axes that it flattens), else nothing.
    /// The constant 1 is the product of no axes.
    pub const fn product(&self) -> Option<Shape> {
        match self {
            Self::Axis(axis) => Some(Shape::SCALAR.with(*axis)),
            Self::Sum([Term { coefficient: 1, axes, quotients: [] }]) => {
                let shape = Shape::of(axes);
                if shape.rank() == axes.len() { Some(shape) } else { None }
            }
            Self::Sum(_) => None,
        }
    }
}
