//! What counts are made of: exact integers or closed formulas, by the same derivation.

use super::options::Routing;
use crate::error::{Error, Result};
use crate::expr::{Expr, Rational, distinct, fraction};

/// A count: an exact integer (`u128`) or a closed formula ([`Expr`]).
pub trait Num: Clone + PartialEq + Sized {
    /// Whether the names of tensors are wanted beside the counts.
    const NAMES: bool = true;
    /// A whole number.
    fn int(n: u64) -> Self;
    /// The sum.
    fn plus(&self, other: &Self) -> Result<Self>;
    /// The difference; an error if it is negative and the kind of number can't be. Where it could be, whoever subtracts
    /// requires [`Num::at_most`] first.
    fn minus(&self, other: &Self) -> Result<Self>;
    /// One less; zero of zero.
    fn before(&self) -> Result<Self> {
        if self.is_zero() { Ok(self.clone()) } else { self.minus(&Self::int(1)) }
    }
    /// The product.
    fn times(&self, other: &Self) -> Result<Self>;
    /// `n(n + 1)/2`
    fn triangle(&self) -> Result<Self>;
    /// The smaller of two.
    fn least(&self, other: &Self) -> Result<Self>;
    /// The larger of two.
    fn most(&self, other: &Self) -> Result<Self>;
    /// The quotient, rounded up.
    fn ceil_div(&self, divisor: &Self) -> Result<Self>;
    /// The quotient, rounded down.
    fn floor_div(&self, divisor: &Self) -> Result<Self> {
        self.plus(&Self::int(1))?.ceil_div(divisor)?.minus(&Self::int(1))
    }
    /// What one expert takes, times the number of distinct experts that a step of `tokens` touches.
    fn routed(&self, experts: &Self, top: &Self, tokens: &Self, routing: Routing) -> Result<Self>;
    /// What it is, if that is known.
    fn number(&self) -> Option<u128>;
    /// A share of it, to the nearest whole number where it has to be one.
    fn scaled(&self, by: Rational) -> Result<Self> {
        let part = |n: i128| u64::try_from(n).map(Self::int).map_err(|_| OVERFLOW);
        let (above, below) = (part(by.numerator())?, by.denominator());
        let half = part(below / 2)?;
        self.times(&above)?.plus(&half)?.floor_div(&part(below)?)
    }
    /// Whether it is zero.
    fn is_zero(&self) -> bool;
    /// The number, as text for a message.
    fn text(&self, axes: &[&str]) -> String;
    /// Whether it is known to be larger than the other.
    fn exceeds(&self, other: &Self) -> bool;
    /// Requires that it is at most the other: fails if it is known not to be. A number that isn't known yet can remember
    /// what is required of it.
    fn at_most(&self, other: &Self, error: impl FnOnce() -> Error) -> Result<()> {
        if self.exceeds(other) { Err(error()) } else { Ok(()) }
    }
    /// Runs what matters only where this number isn't zero: then what it requires is required only there.
    fn under<R>(&self, body: impl FnOnce() -> R) -> R {
        body()
    }
}

pub(crate) const OVERFLOW: Error = Error::Overflow { counting: "FLOPs or bytes" };
pub(crate) const ZERO_DIVISION: Error = Error::ZeroDivision { dividing: "a size into tiles or groups" };

/// A number that fits. `ok_or` would make an error and drop it each time.
fn fitting(n: Option<u128>) -> Result<u128> {
    match n {
        Some(n) => Ok(n),
        None => Err(OVERFLOW),
    }
}

impl Num for u128 {
    fn int(n: u64) -> Self {
        Self::from(n)
    }

    fn plus(&self, other: &Self) -> Result<Self> {
        fitting(self.checked_add(*other))
    }

    fn minus(&self, other: &Self) -> Result<Self> {
        self.checked_sub(*other).ok_or_else(|| Error::Negative { op: "an operator".to_owned() })
    }

    fn times(&self, other: &Self) -> Result<Self> {
        fitting(self.checked_mul(*other))
    }

    fn triangle(&self) -> Result<Self> {
        // One of the two factors is even.
        let next = self.plus(&1)?;
        if self.is_multiple_of(2) { (self / 2).times(&next) } else { self.times(&(next / 2)) }
    }

    fn least(&self, other: &Self) -> Result<Self> {
        Ok(*self.min(other))
    }

    fn most(&self, other: &Self) -> Result<Self> {
        Ok(*self.max(other))
    }

    fn ceil_div(&self, divisor: &Self) -> Result<Self> {
        if *divisor == 0 {
            return Err(ZERO_DIVISION);
        }
        Ok(self.div_ceil(*divisor))
    }

    fn routed(&self, experts: &Self, top: &Self, tokens: &Self, routing: Routing) -> Result<Self> {
        let touched = match routing {
            Routing::Given(count) => Self::from(count),
            Routing::Worst => *experts.min(&top.times(tokens)?),
            Routing::Expected => return expected(*self, *experts, *top, *tokens),
        };
        self.times(&touched)
    }

    fn number(&self) -> Option<u128> {
        Some(*self)
    }

    fn is_zero(&self) -> bool {
        *self == 0
    }

    fn text(&self, _axes: &[&str]) -> String {
        self.to_string()
    }

    fn exceeds(&self, other: &Self) -> bool {
        self > other
    }
}

/// The expected number of distinct experts times what one takes, rounded: exact as long as the fraction fits.
pub(crate) fn expected(one: u128, experts: u128, top: u128, tokens: u128) -> Result<u128> {
    let signed = |n: u128| i128::try_from(n).ok();
    let share = signed(experts)
        .zip(signed(top))
        .zip(signed(tokens))
        .and_then(|((experts, top), tokens)| fraction(Rational::int(experts), Rational::int(top), tokens));
    rounded(one, share, || distinct(experts as f64, top as f64, tokens as f64))
}

/// A number times a share, rounded: by the fraction if there is one and the product fits, else by floating point.
pub(crate) fn rounded(one: u128, share: Option<Rational>, approximate: impl FnOnce() -> f64) -> Result<u128> {
    let exact = share.and_then(|share| {
        let (above, below) = (share.numerator().unsigned_abs(), share.denominator().unsigned_abs());
        Some(one.checked_mul(above)?.checked_add(below / 2)? / below)
    });
    if let Some(exact) = exact {
        return Ok(exact);
    }
    let share = one as f64 * approximate();
    // 2^128 is the first number that doesn't fit.
    if share >= 340_282_366_920_938_463_463_374_607_431_768_211_456.0 {
        return Err(OVERFLOW);
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "rounded, not negative, and it fits")]
    Ok(share.round() as u128)
}

impl Num for Expr {
    fn int(n: u64) -> Self {
        Self::int(i128::from(n))
    }

    fn plus(&self, other: &Self) -> Result<Self> {
        self.add(other)
    }

    fn minus(&self, other: &Self) -> Result<Self> {
        self.sub(other)
    }

    fn times(&self, other: &Self) -> Result<Self> {
        self.mul(other)
    }

    fn triangle(&self) -> Result<Self> {
        self.mul(&self.add(&Self::int(1))?)?.scaled(Rational::new(1, 2)?)
    }

    fn least(&self, other: &Self) -> Result<Self> {
        self.smaller(other)
    }

    fn most(&self, other: &Self) -> Result<Self> {
        self.larger(other)
    }

    fn ceil_div(&self, divisor: &Self) -> Result<Self> {
        Self::ceil_div(self, divisor)
    }

    fn routed(&self, experts: &Self, top: &Self, tokens: &Self, routing: Routing) -> Result<Self> {
        self.mul(&match routing {
            Routing::Given(count) => <Self as Num>::int(count),
            Routing::Worst => experts.smaller(&top.mul(tokens)?)?,
            Routing::Expected => Self::distinct(experts, top, tokens),
        })
    }

    fn number(&self) -> Option<u128> {
        u128::try_from(self.as_constant()?.whole()?).ok()
    }

    fn scaled(&self, by: Rational) -> Result<Self> {
        Self::scaled(self, by)
    }

    fn is_zero(&self) -> bool {
        Self::is_zero(self)
    }

    fn text(&self, axes: &[&str]) -> String {
        self.show(axes, crate::expr::Notation::Text).to_string()
    }

    fn exceeds(&self, other: &Self) -> bool {
        matches!((self.as_constant(), other.as_constant()), (Some(a), Some(b)) if a > b)
    }
}
