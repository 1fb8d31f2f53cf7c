//! Where an intensity meets a ridge point.

use crate::error::Result;
use crate::expr::{Expr, Limit, Ratio};

/// Where an intensity, as a function of one axis, meets a ridge point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Balance {
    /// At this value of the axis, by a closed formula: the intensity is a quotient of polynomials of degree 2 at most.
    Exact(f64),
    /// At this value, by bracketing.
    Bracketed(f64),
    /// At the smallest value that the axis can have, or before.
    Start,
    /// Nowhere that the axis can be.
    Never,
}

impl Balance {
    /// The value of the axis, if there is one.
    pub const fn at(self) -> Option<f64> {
        match self {
            Self::Exact(at) | Self::Bracketed(at) => Some(at),
            Self::Start | Self::Never => None,
        }
    }
}

/// The smallest value of an axis, between two bounds, at which an intensity reaches a ridge point (FLOP/byte). No other
/// axis may occur in the intensity; the upper bound may be infinite.
pub fn balance(intensity: &Ratio, axis: u16, ridge: f64, (from, to): (f64, f64)) -> Balance {
    let at = |x: f64| {
        let mut sizes = vec![f64::NAN; usize::from(axis) + 1];
        sizes[usize::from(axis)] = x;
        intensity.to_f64(&sizes)
    };
    if at(from) >= ridge {
        return Balance::Start;
    }
    if let (Some(above), Some(below)) =
        (coefficients(&intensity.numerator, axis), coefficients(&intensity.denominator, axis))
    {
        let difference: [f64; 3] = core::array::from_fn(|i| above[i] - ridge * below[i]);
        return match root(difference, from).filter(|x| *x <= to) {
            Some(x) => Balance::Exact(x),
            None => Balance::Never,
        };
    }
    bracket(at, ridge, from, to)
}

/// What an intensity tends to as an axis grows, as a number; infinite if it grows without bound.
pub fn limit(intensity: &Ratio, axis: u16) -> Result<f64> {
    Ok(match intensity.limit(axis)? {
        Limit::Value(ratio) => ratio.to_f64(&[]),
        Limit::Infinite => f64::INFINITY,
    })
}

/// The coefficients of 1, x and x², if the expression is such a polynomial.
fn coefficients(expr: &Expr, axis: u16) -> Option<[f64; 3]> {
    let atom = crate::expr::Atom::Axis(axis);
    let mut found = [0.0; 3];
    for (monomial, value) in expr.terms() {
        let power = monomial.power(&atom);
        if monomial.degree() != power {
            return None;
        }
        *found.get_mut(usize::try_from(power).ok()?)? += value.to_f64();
    }
    Some(found)
}

/// The smallest root of a polynomial from a value on.
fn root([c, b, a]: [f64; 3], from: f64) -> Option<f64> {
    let roots = if a == 0.0 {
        [-c / b, f64::NAN]
    } else {
        // The form without cancellation.
        let q = -0.5 * (b + b.signum() * (b * b - 4.0 * a * c).sqrt());
        [q / a, c / q]
    };
    roots.into_iter().filter(|x| x.is_finite() && *x >= from).min_by(f64::total_cmp)
}

/// Doubles until the intensity is high enough, then halves the interval to the last bit.
fn bracket(at: impl Fn(f64) -> f64, ridge: f64, from: f64, to: f64) -> Balance {
    let (mut low, mut high) = (from, (from * 2.0).min(to));
    while at(high) < ridge {
        if high >= to || high > 1e18 {
            return Balance::Never;
        }
        (low, high) = (high, (high * 2.0).min(to));
    }
    // Each round gains a bit; a double has 53.
    for _ in 0..64 {
        let middle = f64::midpoint(low, high);
        *(if at(middle) < ridge { &mut low } else { &mut high }) = middle;
    }
    Balance::Bracketed(high)
}
