//! Exact fractions.

use core::cmp::Ordering;
use core::fmt;

use crate::error::{Error, Result};

/// A fraction in lowest terms with a positive denominator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rational {
    numerator: i128,
    denominator: i128,
}

const OVERFLOW: Error = Error::Overflow { counting: "coefficients" };

impl Rational {
    /// Zero.
    pub const ZERO: Self = Self::int(0);
    /// One.
    pub const ONE: Self = Self::int(1);

    /// A whole number.
    pub const fn int(n: i128) -> Self {
        Self { numerator: n, denominator: 1 }
    }

    /// `numerator / denominator`; an error if the denominator is zero.
    pub fn new(numerator: i128, denominator: i128) -> Result<Self> {
        if denominator == 0 {
            return Err(Error::ZeroDivision { dividing: "a coefficient" });
        }
        let divisor = gcd(numerator.unsigned_abs(), denominator.unsigned_abs());
        let divisor = i128::try_from(divisor).map_err(|_| OVERFLOW)?;
        let (n, d) = (numerator / divisor, denominator / divisor);
        if d < 0 {
            Ok(Self { numerator: n.checked_neg().ok_or(OVERFLOW)?, denominator: d.checked_neg().ok_or(OVERFLOW)? })
        } else {
            Ok(Self { numerator: n, denominator: d })
        }
    }

    /// The numerator; it carries the sign.
    pub const fn numerator(self) -> i128 {
        self.numerator
    }

    /// The denominator, at least 1.
    pub const fn denominator(self) -> i128 {
        self.denominator
    }

    /// Whether the number is zero.
    pub const fn is_zero(self) -> bool {
        self.numerator == 0
    }

    /// The number, if it is whole.
    pub const fn whole(self) -> Option<i128> {
        if self.denominator == 1 { Some(self.numerator) } else { None }
    }

    /// The nearest floating-point number.
    pub fn to_f64(self) -> f64 {
        self.numerator as f64 / self.denominator as f64
    }

    /// The sum.
    pub fn add(self, other: Self) -> Result<Self> {
        if self.denominator == 1 && other.denominator == 1 {
            return Ok(Self::int(self.numerator.checked_add(other.numerator).ok_or(OVERFLOW)?));
        }
        let left = self.numerator.checked_mul(other.denominator);
        let right = other.numerator.checked_mul(self.denominator);
        let sum = left.zip(right).and_then(|(l, r)| l.checked_add(r)).ok_or(OVERFLOW)?;
        Self::new(sum, self.denominator.checked_mul(other.denominator).ok_or(OVERFLOW)?)
    }

    /// The product.
    pub fn mul(self, other: Self) -> Result<Self> {
        if self.denominator == 1 && other.denominator == 1 {
            return Ok(Self::int(self.numerator.checked_mul(other.numerator).ok_or(OVERFLOW)?));
        }
        // Cancelling across first keeps the products small.
        let left = Self::new(self.numerator, other.denominator)?;
        let right = Self::new(other.numerator, self.denominator)?;
        Ok(Self {
            numerator: left.numerator.checked_mul(right.numerator).ok_or(OVERFLOW)?,
            denominator: left.denominator.checked_mul(right.denominator).ok_or(OVERFLOW)?,
        })
    }

    /// The quotient.
    pub fn div(self, other: Self) -> Result<Self> {
        self.mul(Self::new(other.denominator, other.numerator)?)
    }

    /// The difference.
    pub fn sub(self, other: Self) -> Result<Self> {
        self.add(other.neg()?)
    }

    /// The number with the opposite sign.
    pub fn neg(self) -> Result<Self> {
        let numerator = self.numerator.checked_neg().ok_or(OVERFLOW)?;
        Ok(Self { numerator, denominator: self.denominator })
    }
}

impl PartialOrd for Rational {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Rational {
    fn cmp(&self, other: &Self) -> Ordering {
        // Whole parts first, then the reciprocals of what is left: no product, so nothing overflows.
        let (mut a, mut b) = (*self, *other);
        let mut flipped = false;
        loop {
            let (whole_a, rest_a) = (a.numerator.div_euclid(a.denominator), a.numerator.rem_euclid(a.denominator));
            let (whole_b, rest_b) = (b.numerator.div_euclid(b.denominator), b.numerator.rem_euclid(b.denominator));
            let order = whole_a.cmp(&whole_b);
            let order = match (order, rest_a, rest_b) {
                (Ordering::Equal, 0, 0) => Ordering::Equal,
                (Ordering::Equal, 0, _) => Ordering::Less,
                (Ordering::Equal, _, 0) => Ordering::Greater,
                (Ordering::Equal, _, _) => {
                    (a, b) = (
                        Self { numerator: a.denominator, denominator: rest_a },
                        Self { numerator: b.denominator, denominator: rest_b },
                    );
                    flipped = !flipped;
                    continue;
                }
                _ => order,
            };
            return if flipped { order.reverse() } else { order };
        }
    }
}

impl fmt::Display for Rational {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.denominator == 1 {
            write!(f, "{}", self.numerator)
        } else {
            write!(f, "{}/{}", self.numerator, self.denominator)
        }
    }
}

pub(super) fn gcd(a: u128, b: u128) -> u128 {
    let (mut a, mut b) = (a, b);
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a.max(1)
}
