//! Where a quotient reaches a value.

use cost_core::Result;
use cost_core::expr::{Atom, Expr, Ratio, Rational};

/// The size of the only axis in a quotient at which it equals a value, exactly; nothing unless both of its sides are
/// linear in the axis.
pub(super) fn reaches(ratio: &Ratio, axis: u16, value: Rational) -> Result<Option<Rational>> {
    let difference = ratio.numerator.sub(&ratio.denominator.scaled(value)?)?;
    let (mut constant, mut slope) = (Rational::ZERO, Rational::ZERO);
    for (monomial, coefficient) in difference.terms() {
        match (monomial.power(&Atom::Axis(axis)), monomial.degree()) {
            (0, 0) => constant = *coefficient,
            (1, 1) => slope = *coefficient,
            _ => return Ok(None),
        }
    }
    if slope.is_zero() { Ok(None) } else { constant.neg()?.div(slope).map(Some) }
}

/// A quotient at one size of an axis.
pub(super) fn at(ratio: &Ratio, axis: u16, size: u64) -> Result<Ratio> {
    ratio.substitute(&|other| (other == axis).then(|| Expr::int(i128::from(size))))
}
