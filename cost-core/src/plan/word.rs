//! What programs compute with: 64-bit integers while everything fits, 128-bit ones, floating point.

use crate::cost::Num;
use crate::expr::distinct;

/// A kind of number in a register. None is negative.
pub(super) trait Word: Copy + PartialEq + PartialOrd + core::fmt::Display {
    const ZERO: Self;

    /// A coefficient, if it fits.
    fn coefficient(n: u128) -> Option<Self>;

    /// The product. `lost` becomes true where the result is worthless.
    fn product(self, other: Self, lost: &mut bool) -> Self;

    /// The constant and the terms of a sum, added up in order.
    fn sum(constant: Self, terms: &[(u32, Self)], registers: &[Self], lost: &mut bool) -> Self;

    /// `max(self − other, 0)`
    fn less(self, other: Self, lost: &mut bool) -> Self;

    /// The quotient rounded up; zero where the divisor is.
    fn ceil_div(self, divisor: Self, lost: &mut bool) -> Self;

    /// `n(n + 1)/2`
    fn triangle(self, lost: &mut bool) -> Self;

    /// The expected number of distinct experts; nothing useful for kinds that are whole.
    fn share(_experts: Self, _top: Self, _tokens: Self) -> Self {
        Self::ZERO
    }

    fn min(self, other: Self) -> Self {
        if self < other { self } else { other }
    }

    fn max(self, other: Self) -> Self {
        if self > other { self } else { other }
    }
}

/// What doesn't fit is lost: the same is then computed with more bits.
impl Word for u64 {
    const ZERO: Self = 0;

    fn coefficient(n: u128) -> Option<Self> {
        Self::try_from(n).ok()
    }

    fn product(self, other: Self, lost: &mut bool) -> Self {
        let (product, over) = self.overflowing_mul(other);
        *lost |= over;
        product
    }

    fn sum(constant: Self, terms: &[(u32, Self)], registers: &[Self], lost: &mut bool) -> Self {
        terms.iter().fold(constant, |sum, (register, coefficient)| {
            let (sum, over) = sum.overflowing_add(coefficient.product(registers[*register as usize], lost));
            *lost |= over;
            sum
        })
    }

    fn less(self, other: Self, _lost: &mut bool) -> Self {
        self.saturating_sub(other)
    }

    fn ceil_div(self, divisor: Self, _lost: &mut bool) -> Self {
        if divisor == 0 { 0 } else { self.div_ceil(divisor) }
    }

    fn triangle(self, lost: &mut bool) -> Self {
        // Half of the even one of n and n + 1, times the other.
        let (next, over) = self.overflowing_add(1);
        *lost |= over;
        (next / 2).product(self | 1, lost)
    }
}

/// What doesn't fit is the largest number there is: a product with zero is still zero, and the smaller of two still
/// right. Only what subtracts or divides such a number is lost.
impl Word for u128 {
    const ZERO: Self = 0;

    fn coefficient(n: u128) -> Option<Self> {
        Some(n)
    }

    fn product(self, other: Self, _lost: &mut bool) -> Self {
        self.saturating_mul(other)
    }

    fn sum(constant: Self, terms: &[(u32, Self)], registers: &[Self], _lost: &mut bool) -> Self {
        terms.iter().fold(constant, |sum, (register, coefficient)| {
            sum.saturating_add(coefficient.saturating_mul(registers[*register as usize]))
        })
    }

    fn less(self, other: Self, lost: &mut bool) -> Self {
        *lost |= self == Self::MAX;
        self.saturating_sub(other)
    }

    fn ceil_div(self, divisor: Self, lost: &mut bool) -> Self {
        *lost |= self == Self::MAX || divisor == Self::MAX;
        if divisor == 0 { 0 } else { self.div_ceil(divisor) }
    }

    fn triangle(self, _lost: &mut bool) -> Self {
        Num::triangle(&self).unwrap_or(Self::MAX)
    }
}

impl Word for f64 {
    const ZERO: Self = 0.0;

    fn coefficient(n: u128) -> Option<Self> {
        Some(n as Self)
    }

    fn product(self, other: Self, _lost: &mut bool) -> Self {
        self * other
    }

    fn sum(constant: Self, terms: &[(u32, Self)], registers: &[Self], _lost: &mut bool) -> Self {
        terms.iter().fold(constant, |sum, (register, coefficient)| sum + coefficient * registers[*register as usize])
    }

    fn less(self, other: Self, _lost: &mut bool) -> Self {
        Word::max(self - other, 0.0)
    }

    fn ceil_div(self, divisor: Self, _lost: &mut bool) -> Self {
        if divisor == 0.0 { 0.0 } else { (self / divisor).ceil() }
    }

    fn triangle(self, _lost: &mut bool) -> Self {
        // As the counts do: exact while the product is.
        self * (self + 1.0) * 0.5
    }

    fn share(experts: Self, top: Self, tokens: Self) -> Self {
        // No tokens touch no experts, even if each would touch all.
        if tokens == 0.0 { 0.0 } else { distinct(experts, top, tokens) }
    }
}
