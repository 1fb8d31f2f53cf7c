//! Quotients of expressions, such as an intensity, and what they tend to.

use super::poly::{Atom, Expr};
use super::rational::Rational;
use crate::error::{Error, Result};

/// A quotient of two expressions, with common factors cancelled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ratio {
    /// Above the line.
    pub numerator: Expr,
    /// Below the line.
    pub denominator: Expr,
}

/// What a quotient tends to as an axis grows without bound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Limit {
    /// A value, possibly in terms of other axes.
    Value(Ratio),
    /// It grows without bound.
    Infinite,
}

impl Ratio {
    /// `numerator / denominator`; an error if the denominator is zero.
    pub fn new(numerator: &Expr, denominator: &Expr) -> Result<Self> {
        let Some((below, by)) = denominator.content() else {
            return Err(Error::ZeroDivision { dividing: "an expression" });
        };
        let Some((above, _)) = numerator.content() else {
            return Ok(Self { numerator: Expr::default(), denominator: Expr::int(1) });
        };
        let common = Expr::shared(&above, &below);
        let numerator = numerator.divided(&common, by)?;
        let denominator = denominator.divided(&common, by)?;
        // Whole coefficients above and below, with no common divisor.
        let (Some((_, a)), Some((_, b))) = (numerator.content(), denominator.content()) else {
            return Ok(Self { numerator, denominator });
        };
        let sign = denominator.terms().first().is_some_and(|(_, value)| value.numerator() < 0);
        let b = if sign { b.neg()? } else { b };
        let a = if sign { a.neg()? } else { a };
        let quotient = a.div(b)?;
        let unit = super::poly::Monomial::default();
        Ok(Self {
            numerator: numerator.divided(&unit, a)?.scaled(Rational::int(quotient.numerator()))?,
            denominator: denominator.divided(&unit, b)?.scaled(Rational::int(quotient.denominator()))?,
        })
    }

    /// The value at these axis sizes.
    pub fn to_f64(&self, sizes: &[f64]) -> f64 {
        self.numerator.to_f64(sizes) / self.denominator.to_f64(sizes)
    }

    /// The exact value at these axis sizes.
    pub fn value(&self, sizes: &[u64]) -> Result<Rational> {
        self.numerator.value(sizes)?.div(self.denominator.value(sizes)?)
    }

    /// The quotient with axes replaced.
    pub fn substitute(&self, with: &impl Fn(u16) -> Option<Expr>) -> Result<Self> {
        Self::new(&self.numerator.substitute(with)?, &self.denominator.substitute(with)?)
    }

    /// What the quotient tends to as an axis grows.
    ///
    /// The axis is assumed to outgrow every other: `min(t, w)` becomes `w`, and rounding up no longer matters.
    pub fn limit(&self, axis: u16) -> Result<Limit> {
        let (above, below) = (self.numerator.asymptotic(axis)?, self.denominator.asymptotic(axis)?);
        let (above, below) = cleared(above, below, axis)?;
        let ((top, above), (bottom, below)) = (above.leading(axis), below.leading(axis));
        if top > bottom {
            return Ok(Limit::Infinite);
        }
        let above = if top < bottom { Expr::default() } else { above };
        Ok(Limit::Value(Self::new(&above, &below)?))
    }
}

/// Two expressions times what makes whole the quotients in them that grow with an axis, whose rounding no longer matters.
fn cleared(mut above: Expr, mut below: Expr, axis: u16) -> Result<(Expr, Expr)> {
    // Of very many such quotients some stay: the products would be of too many terms.
    const MOST: usize = 8;
    let grows = |atom: &&Atom| matches!(atom, Atom::CeilDiv(pair) if pair.0.mentions(axis) && !pair.1.mentions(axis) && !pair.1.is_zero());
    for _ in 0..MOST {
        let atoms = || above.terms().iter().chain(below.terms()).flat_map(|(monomial, _)| monomial.factors());
        let Some(atom) = atoms().map(|(atom, _)| atom).find(grows).cloned() else { return Ok((above, below)) };
        let Atom::CeilDiv(pair) = &atom else { return Ok((above, below)) };
        let most = atoms().filter(|(other, _)| *other == atom).map(|(_, power)| *power).max().unwrap_or_default();
        let whole = |of: &Expr| {
            let mut sum = Expr::default();
            for (monomial, value) in of.terms() {
                let mut product = Expr::constant(*value);
                let own = monomial.power(&atom);
                let others = monomial.factors().iter().filter(|(other, _)| *other != atom);
                let others = others.map(|(other, power)| (Expr::from(other.clone()), *power));
                for (factor, power) in others.chain([(pair.0.clone(), own), (pair.1.clone(), most - own)]) {
                    for _ in 0..power {
                        product = product.mul(&factor)?;
                    }
                }
                sum = sum.add(&product)?;
            }
            Ok::<_, Error>(sum)
        };
        (above, below) = (whole(&above)?, whole(&below)?);
    }
    Ok((above, below))
}

impl Expr {
    /// What the expression grows like as an axis grows without bound.
    fn asymptotic(&self, axis: u16) -> Result<Self> {
        let mut sum = Self::default();
        for (monomial, value) in self.terms() {
            let mut product = Self::constant(*value);
            for (atom, power) in monomial.factors() {
                let factor = atom.asymptotic(axis)?;
                for _ in 0..*power {
                    product = product.mul(&factor)?;
                }
            }
            sum = sum.add(&product)?;
        }
        Ok(sum)
    }
}

impl Atom {
    fn asymptotic(&self, axis: u16) -> Result<Expr> {
        let own = || Ok(Expr::from(self.clone()));
        match self {
            Self::Min(pair) | Self::Max(pair) => {
                let (a, b) = (pair.0.asymptotic(axis)?, pair.1.asymptotic(axis)?);
                let (one, other) = cleared(a.clone(), b.clone(), axis)?;
                match one.sub(&other)?.grows(axis) {
                    Some(grows) if grows != matches!(self, Self::Min(_)) => Ok(a),
                    Some(_) => Ok(b),
                    None => own(),
                }
            }
            Self::CeilDiv(pair) if pair.0.mentions(axis) && !pair.1.mentions(axis) => {
                match (pair.0.asymptotic(axis)?, pair.1.as_constant()) {
                    (above, Some(by)) => above.scaled(Rational::ONE.div(by)?),
                    (_, None) => own(),
                }
            }
            Self::CeilDiv(pair) if pair.1.mentions(axis) && !pair.0.mentions(axis) => Ok(Expr::int(1)),
            Self::Distinct(it) if it.tokens.mentions(axis) && !it.experts.mentions(axis) => Ok(it.experts.clone()),
            // Among very many experts no two tokens meet.
            Self::Distinct(it) if it.experts.mentions(axis) && !it.tokens.mentions(axis) && !it.top.mentions(axis) => {
                it.top.mul(&it.tokens)
            }
            Self::Axis(_) | Self::CeilDiv(_) | Self::Distinct(_) => own(),
        }
    }
}

impl Expr {
    /// Whether the expression grows (or falls) without bound with an axis; nothing if it does neither, or it can't be told.
    fn grows(&self, axis: u16) -> Option<bool> {
        let (power, leading) = self.leading(axis);
        let positive = leading.terms().iter().all(|(_, value)| value.numerator() > 0);
        let negative = leading.terms().iter().all(|(_, value)| value.numerator() < 0);
        (power > 0 && (positive || negative)).then_some(positive)
    }
}
