//! Polynomials over axes and atoms, kept in one canonical form so that equal expressions are equal values.

use core::cmp::Ordering;

use super::rational::{Rational, gcd};
use crate::error::{Error, Result};

/// An expression in an operator's axes: a sum of terms with exact rational coefficients.
///
/// Like terms are merged, terms and factors are sorted, and no coefficient is zero, so `==` is mathematical equality
/// of polynomials. Axes are indices; what prints an expression is given their names.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub struct Expr {
    terms: Vec<(Monomial, Rational)>,
}

/// A product of powers of atoms, sorted; the empty product is 1.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub struct Monomial(Vec<(Atom, u32)>);

/// What an expression is made of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Atom {
    /// An axis.
    Axis(u16),
    /// The smaller of two expressions.
    Min(Box<(Expr, Expr)>),
    /// The larger of two expressions.
    Max(Box<(Expr, Expr)>),
    /// The quotient of two expressions, rounded up.
    CeilDiv(Box<(Expr, Expr)>),
    /// The expected number of distinct experts that a step touches.
    Distinct(Box<Distinct>),
}

/// `experts · (1 − (1 − top/experts)^tokens)`: the expected number of distinct experts under uniform routing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Distinct {
    /// Number of experts.
    pub experts: Expr,
    /// Experts that one token uses.
    pub top: Expr,
    /// Number of tokens.
    pub tokens: Expr,
}

impl Monomial {
    /// The factors, sorted, with their powers.
    pub fn factors(&self) -> &[(Atom, u32)] {
        &self.0
    }

    /// The sum of the powers.
    pub fn degree(&self) -> u32 {
        self.0.iter().map(|(_, power)| power).sum()
    }

    /// The power of an atom.
    pub fn power(&self, atom: &Atom) -> u32 {
        self.0.iter().find(|(a, _)| a == atom).map_or(0, |(_, power)| *power)
    }

    fn mul(&self, other: &Self) -> Result<Self> {
        let (mut left, mut right) = (self.0.iter().peekable(), other.0.iter().peekable());
        let mut factors = Vec::with_capacity(self.0.len() + other.0.len());
        loop {
            let order = match (left.peek(), right.peek()) {
                (None, None) => return Ok(Self(factors)),
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some((a, _)), Some((b, _))) => a.cmp(b),
            };
            match order {
                Ordering::Less => factors.extend(left.next().cloned()),
                Ordering::Greater => factors.extend(right.next().cloned()),
                Ordering::Equal => {
                    if let (Some((atom, a)), Some((_, b))) = (left.next(), right.next()) {
                        let power = a.checked_add(*b).ok_or(Error::Overflow { counting: "powers" })?;
                        factors.push((atom.clone(), power));
                    }
                }
            }
        }
    }

    /// The monomial without that many powers of each factor of `divisor`; nothing if it has fewer.
    fn divided(&self, divisor: &Self) -> Option<Self> {
        let fits = divisor.0.iter().all(|(atom, power)| self.power(atom) >= *power);
        let rest = self.0.iter().map(|(atom, power)| (atom.clone(), power - divisor.power(atom).min(*power)));
        fits.then(|| Self(rest.filter(|(_, power)| *power > 0).collect()))
    }

    fn common(&self, other: &Self) -> Self {
        let shared = self.0.iter().map(|(atom, power)| (atom.clone(), other.power(atom).min(*power)));
        Self(shared.filter(|(_, power)| *power > 0).collect())
    }
}

/// Higher degrees first, then by the factors in order of declaration.
impl Ord for Monomial {
    fn cmp(&self, other: &Self) -> Ordering {
        other.degree().cmp(&self.degree()).then_with(|| {
            for ((a, p), (b, q)) in self.0.iter().zip(&other.0) {
                let order = a.cmp(b).then(q.cmp(p));
                if order != Ordering::Equal {
                    return order;
                }
            }
            other.0.len().cmp(&self.0.len())
        })
    }
}

impl PartialOrd for Monomial {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Expr {
    fn cmp(&self, other: &Self) -> Ordering {
        self.terms.cmp(&other.terms)
    }
}

impl PartialOrd for Expr {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Expr {
    /// A constant.
    pub fn constant(value: Rational) -> Self {
        Self::term(Monomial::default(), value)
    }

    /// A whole number.
    pub fn int(value: i128) -> Self {
        Self::constant(Rational::int(value))
    }

    /// An axis, by its index.
    pub fn axis(axis: u16) -> Self {
        Self::of_atom(Atom::Axis(axis))
    }

    pub(super) fn of_atom(atom: Atom) -> Self {
        Self::term(Monomial(vec![(atom, 1)]), Rational::ONE)
    }

    fn term(monomial: Monomial, coefficient: Rational) -> Self {
        if coefficient.is_zero() { Self::default() } else { Self { terms: vec![(monomial, coefficient)] } }
    }

    /// The terms, in the order in which they are printed.
    pub fn terms(&self) -> &[(Monomial, Rational)] {
        &self.terms
    }

    /// Whether the expression is zero.
    pub fn is_zero(&self) -> bool {
        self.terms.is_empty()
    }

    /// The value, if no axis occurs.
    pub fn as_constant(&self) -> Option<Rational> {
        match self.terms.as_slice() {
            [] => Some(Rational::ZERO),
            [(monomial, value)] if monomial.0.is_empty() => Some(*value),
            _ => None,
        }
    }

    /// The sum.
    pub fn add(&self, other: &Self) -> Result<Self> {
        let (mut left, mut right) = (self.terms.iter().peekable(), other.terms.iter().peekable());
        let mut terms = Vec::with_capacity(self.terms.len() + other.terms.len());
        loop {
            let order = match (left.peek(), right.peek()) {
                (None, None) => return Ok(Self { terms }),
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some((a, _)), Some((b, _))) => a.cmp(b),
            };
            match order {
                Ordering::Less => terms.extend(left.next().cloned()),
                Ordering::Greater => terms.extend(right.next().cloned()),
                Ordering::Equal => {
                    if let (Some((monomial, a)), Some((_, b))) = (left.next(), right.next()) {
                        let sum = a.add(*b)?;
                        if !sum.is_zero() {
                            terms.push((monomial.clone(), sum));
                        }
                    }
                }
            }
        }
    }

    /// The difference.
    pub fn sub(&self, other: &Self) -> Result<Self> {
        self.add(&other.scaled(Rational::int(-1))?)
    }

    /// The product.
    pub fn mul(&self, other: &Self) -> Result<Self> {
        // Most products are with a number.
        match (self.as_constant(), other.as_constant()) {
            (_, Some(factor)) => return self.scaled(factor),
            (Some(factor), _) => return other.scaled(factor),
            _ => {}
        }
        let mut products = Vec::with_capacity(self.terms.len() * other.terms.len());
        for (a, x) in &self.terms {
            for (b, y) in &other.terms {
                products.push((a.mul(b)?, x.mul(*y)?));
            }
        }
        Self::collected(products)
    }

    /// The expression times a number.
    pub fn scaled(&self, factor: Rational) -> Result<Self> {
        if factor.is_zero() {
            return Ok(Self::default());
        }
        let terms = self.terms.iter().map(|(monomial, value)| Ok((monomial.clone(), value.mul(factor)?)));
        Ok(Self { terms: terms.collect::<Result<_>>()? })
    }

    /// The documents' big-O convention: every coefficient of the expanded expression replaced by 1.
    ///
    /// Axes that are equal have to be substituted first, so that their terms merge.
    #[must_use]
    pub fn order(&self) -> Self {
        Self { terms: self.terms.iter().map(|(monomial, _)| (monomial.clone(), Rational::ONE)).collect() }
    }

    fn collected(mut terms: Vec<(Monomial, Rational)>) -> Result<Self> {
        terms.sort_by(|(a, _), (b, _)| a.cmp(b));
        let mut merged: Vec<(Monomial, Rational)> = Vec::with_capacity(terms.len());
        for (monomial, value) in terms {
            match merged.last_mut() {
                Some((last, sum)) if *last == monomial => *sum = sum.add(value)?,
                _ => merged.push((monomial, value)),
            }
        }
        merged.retain(|(_, value)| !value.is_zero());
        Ok(Self { terms: merged })
    }

    /// The smaller of two expressions. Axes are never negative, which settles many cases.
    pub fn smaller(&self, other: &Self) -> Result<Self> {
        Ok(match self.sub(other)?.sign() {
            Some(Ordering::Less | Ordering::Equal) => self.clone(),
            Some(Ordering::Greater) => other.clone(),
            // The smaller of a and the smaller of a and b.
            None if self.holds(other, Ordering::Less)? => self.clone(),
            None if other.holds(self, Ordering::Less)? => other.clone(),
            None => Self::extreme(self, other, Atom::Min)?,
        })
    }

    /// The larger of two expressions.
    pub fn larger(&self, other: &Self) -> Result<Self> {
        Ok(match self.sub(other)?.sign() {
            Some(Ordering::Greater | Ordering::Equal) => self.clone(),
            Some(Ordering::Less) => other.clone(),
            // The larger of a and the larger of a and b.
            None if self.holds(other, Ordering::Greater)? => self.clone(),
            None if other.holds(self, Ordering::Greater)? => other.clone(),
            None => Self::extreme(self, other, Atom::Max)?,
        })
    }

    /// Whether this is the larger (or the smaller) of several expressions, one of which is certainly at least (or at most) as
    /// large as another.
    fn holds(&self, other: &Self, which: Ordering) -> Result<bool> {
        let [(monomial, value)] = self.terms.as_slice() else { return Ok(false) };
        // A negative factor turns the smaller into the larger.
        let pair = match monomial.0.as_slice() {
            [(Atom::Max(pair), 1)] if which == Ordering::Greater && *value > Rational::int(0) => pair,
            [(Atom::Min(pair), 1)] if which == Ordering::Less && *value > Rational::int(0) => pair,
            _ => return Ok(false),
        };
        for side in [&pair.0, &pair.1] {
            let side = side.scaled(*value)?;
            let sign = side.sub(other)?.sign();
            if sign == Some(which) || sign == Some(Ordering::Equal) || side.holds(other, which)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The smaller or larger of two expressions, their common factor in front of it.
    fn extreme(a: &Self, b: &Self, atom: fn(Box<(Self, Self)>) -> Atom) -> Result<Self> {
        let both = Self { terms: a.terms.iter().chain(&b.terms).cloned().collect() };
        let factor = both.content().map_or(Rational::ONE, |(_, value)| value);
        let inside = Rational::ONE.div(factor)?;
        let pair = sorted(&a.scaled(inside)?, &b.scaled(inside)?);
        Self::of_atom(atom(Box::new(pair))).scaled(factor)
    }

    /// How the expression compares with zero whatever its axes are, if that can be told from its coefficients.
    fn sign(&self) -> Option<Ordering> {
        if self.is_zero() {
            return Some(Ordering::Equal);
        }
        let known = self.terms.iter().all(|(monomial, _)| monomial.0.iter().all(|(atom, _)| atom.is_never_negative()));
        let positive = self.terms.iter().all(|(_, value)| value.numerator() > 0);
        let negative = self.terms.iter().all(|(_, value)| value.numerator() < 0);
        match (known, positive, negative) {
            (true, true, _) => Some(Ordering::Greater),
            (true, _, true) => Some(Ordering::Less),
            _ => None,
        }
    }

    /// Whether the expression can be seen to be at least zero.
    fn is_never_negative(&self) -> bool {
        matches!(self.sign(), Some(Ordering::Greater | Ordering::Equal))
    }

    /// The quotient rounded up; exact quotients have no atom.
    pub fn ceil_div(&self, divisor: &Self) -> Result<Self> {
        if divisor.is_zero() {
            return Err(Error::ZeroDivision { dividing: "a size into tiles or groups" });
        }
        if let (Some(a), Some(b)) = (self.as_constant(), divisor.as_constant()) {
            let quotient = a.div(b)?;
            let (whole, rest) = (quotient.numerator(), quotient.denominator());
            return Ok(Self::int(whole.div_euclid(rest) + i128::from(whole.rem_euclid(rest) > 0)));
        }
        if let [(monomial, value)] = divisor.terms.as_slice() {
            let quotient: Option<Vec<_>> = self
                .terms
                .iter()
                .map(|(m, v)| Some((m.divided(monomial)?, v.div(*value).ok()?)).filter(|(_, v)| v.whole().is_some()))
                .collect();
            if let Some(terms) = quotient {
                return Self::collected(terms);
            }
        }
        Ok(Self::of_atom(Atom::CeilDiv(Box::new((self.clone(), divisor.clone())))))
    }

    /// The expected number of distinct experts, see [`Distinct`].
    pub fn distinct(experts: &Self, top: &Self, tokens: &Self) -> Self {
        if *tokens == Self::int(1) || experts == top {
            return top.clone();
        }
        let (experts, top, tokens) = (experts.clone(), top.clone(), tokens.clone());
        Self::of_atom(Atom::Distinct(Box::new(Distinct { experts, top, tokens })))
    }

    /// The expression with axes replaced: `with` gives what stands for an axis, or nothing to keep it.
    pub fn substitute(&self, with: &impl Fn(u16) -> Option<Self>) -> Result<Self> {
        let mut sum = Self::default();
        for (monomial, value) in &self.terms {
            let mut product = Self::constant(*value);
            for (atom, power) in &monomial.0 {
                let factor = atom.substitute(with)?;
                for _ in 0..*power {
                    product = product.mul(&factor)?;
                }
            }
            sum = sum.add(&product)?;
        }
        Ok(sum)
    }

    /// Whether an axis occurs anywhere.
    pub fn mentions(&self, axis: u16) -> bool {
        self.terms.iter().any(|(monomial, _)| monomial.0.iter().any(|(atom, _)| atom.mentions(axis)))
    }

    /// The value at these axis sizes, if it is a number that can be given exactly.
    ///
    /// [`Atom::Distinct`] is exact only where it comes out as a fraction that fits.
    pub fn value(&self, sizes: &[u64]) -> Result<Rational> {
        let at = |axis: u16| sizes.get(usize::from(axis)).map(|size| Self::int(i128::from(*size)));
        let value = self.substitute(&at)?;
        value.as_constant().ok_or(Error::Overflow { counting: "an expectation's digits" })
    }

    /// The value at these axis sizes as a floating-point number.
    pub fn to_f64(&self, sizes: &[f64]) -> f64 {
        let term = |(monomial, value): &(Monomial, Rational)| {
            monomial.0.iter().fold(value.to_f64(), |product, (atom, power)| {
                product * atom.to_f64(sizes).powi(i32::try_from(*power).unwrap_or(i32::MAX))
            })
        };
        self.terms.iter().map(term).sum()
    }

    /// The greatest monomial and number that divide every term.
    pub(super) fn content(&self) -> Option<(Monomial, Rational)> {
        let (first, rest) = self.terms.split_first()?;
        let mut common = first.0.clone();
        let mut numerator = first.1.numerator().unsigned_abs();
        let mut denominator = first.1.denominator().unsigned_abs();
        for (monomial, value) in rest {
            common = common.common(monomial);
            numerator = gcd(numerator, value.numerator().unsigned_abs());
            let other = value.denominator().unsigned_abs();
            denominator = (denominator / gcd(denominator, other)).checked_mul(other)?;
        }
        let value = Rational::new(i128::try_from(numerator).ok()?, i128::try_from(denominator).ok()?).ok()?;
        Some((common, value))
    }

    /// Every term divided by a monomial and a number that divide them all.
    pub(super) fn divided(&self, by: &Monomial, value: Rational) -> Result<Self> {
        let terms = self.terms.iter().filter_map(|(m, v)| Some((m.divided(by)?, v.div(value))));
        Self::collected(terms.map(|(m, v)| Ok((m, v?))).collect::<Result<_>>()?)
    }

    /// The part of the expression with the highest power of an axis, divided by it, and that power.
    pub(super) fn leading(&self, axis: u16) -> (u32, Self) {
        let atom = Atom::Axis(axis);
        let top = self.terms.iter().map(|(m, _)| m.power(&atom)).max().unwrap_or(0);
        let by = Monomial(if top == 0 { vec![] } else { vec![(atom.clone(), top)] });
        let terms = self.terms.iter().filter(|(m, _)| m.power(&atom) == top);
        (top, Self { terms: terms.filter_map(|(m, v)| Some((m.divided(&by)?, *v))).collect() })
    }

    /// The least common monomial of two contents.
    pub(super) fn shared(a: &Monomial, b: &Monomial) -> Monomial {
        a.common(b)
    }
}

fn sorted(a: &Expr, b: &Expr) -> (Expr, Expr) {
    if a <= b { (a.clone(), b.clone()) } else { (b.clone(), a.clone()) }
}

impl Atom {
    /// Axes are never negative; neither is what is made of expressions that aren't.
    fn is_never_negative(&self) -> bool {
        match self {
            Self::Axis(_) | Self::Distinct(_) => true,
            Self::Max(pair) => pair.0.is_never_negative() || pair.1.is_never_negative(),
            Self::Min(pair) | Self::CeilDiv(pair) => pair.0.is_never_negative() && pair.1.is_never_negative(),
        }
    }

    fn substitute(&self, with: &impl Fn(u16) -> Option<Expr>) -> Result<Expr> {
        match self {
            Self::Axis(axis) => Ok(with(*axis).unwrap_or_else(|| Expr::axis(*axis))),
            Self::Min(pair) => pair.0.substitute(with)?.smaller(&pair.1.substitute(with)?),
            Self::Max(pair) => pair.0.substitute(with)?.larger(&pair.1.substitute(with)?),
            Self::CeilDiv(pair) => pair.0.substitute(with)?.ceil_div(&pair.1.substitute(with)?),
            Self::Distinct(it) => {
                let (experts, top) = (it.experts.substitute(with)?, it.top.substitute(with)?);
                let tokens = it.tokens.substitute(with)?;
                let exact = exact_distinct(&experts, &top, &tokens);
                Ok(exact.map_or_else(|| Expr::distinct(&experts, &top, &tokens), Expr::constant))
            }
        }
    }

    fn mentions(&self, axis: u16) -> bool {
        match self {
            Self::Axis(own) => *own == axis,
            Self::Min(pair) | Self::Max(pair) | Self::CeilDiv(pair) => pair.0.mentions(axis) || pair.1.mentions(axis),
            Self::Distinct(it) => it.experts.mentions(axis) || it.top.mentions(axis) || it.tokens.mentions(axis),
        }
    }

    fn to_f64(&self, sizes: &[f64]) -> f64 {
        match self {
            Self::Axis(axis) => sizes.get(usize::from(*axis)).copied().unwrap_or(f64::NAN),
            Self::Min(pair) => pair.0.to_f64(sizes).min(pair.1.to_f64(sizes)),
            Self::Max(pair) => pair.0.to_f64(sizes).max(pair.1.to_f64(sizes)),
            Self::CeilDiv(pair) => (pair.0.to_f64(sizes) / pair.1.to_f64(sizes)).ceil(),
            Self::Distinct(it) => distinct(it.experts.to_f64(sizes), it.top.to_f64(sizes), it.tokens.to_f64(sizes)),
        }
    }
}

/// `experts · (1 − (1 − top/experts)^tokens)`, without cancellation.
pub(crate) fn distinct(experts: f64, top: f64, tokens: f64) -> f64 {
    if experts == 0.0 { 0.0 } else { -experts * (tokens * (-top / experts).ln_1p()).exp_m1() }
}

/// The same as a fraction, where all three are numbers and the fraction fits.
fn exact_distinct(experts: &Expr, top: &Expr, tokens: &Expr) -> Option<Rational> {
    fraction(experts.as_constant()?, top.as_constant()?, tokens.as_constant()?.whole()?)
}

/// [`distinct`] as a fraction, where it fits.
pub(crate) fn fraction(experts: Rational, top: Rational, tokens: i128) -> Option<Rational> {
    if experts.is_zero() || top.is_zero() {
        return Some(Rational::ZERO);
    }
    let miss = Rational::ONE.sub(top.div(experts).ok()?).ok()?;
    let mut all_miss = Rational::ONE;
    for _ in 0..tokens {
        all_miss = all_miss.mul(miss).ok()?;
        if all_miss.is_zero() {
            break;
        }
    }
    experts.mul(Rational::ONE.sub(all_miss).ok()?).ok()
}
