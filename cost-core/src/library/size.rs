//! Sizes that own their terms.

/// A polynomial in the axes of an operator and in quotients of such polynomials. No terms are zero.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Size(pub Vec<Term>);

/// A term of a size, as [`crate::op::Term`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// The integer factor.
    pub coefficient: i64,
    /// The axes whose sizes are multiplied, sorted.
    pub axes: Vec<u8>,
    /// What else is multiplied.
    pub quotients: Vec<Quotient>,
}

/// A size divided by another, as [`crate::op::Quotient`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quotient {
    /// What is divided.
    pub above: Size,
    /// What it is divided by.
    pub below: Size,
    /// Whether it is rounded up, and not down.
    pub up: bool,
}

impl Term {
    fn new(coefficient: i64, axes: Vec<u8>) -> Self {
        Self { coefficient, axes, quotients: vec![] }
    }

    /// The product; nothing if a coefficient doesn't fit.
    fn times(&self, other: &Self) -> Option<Self> {
        let mut axes: Vec<u8> = self.axes.iter().chain(&other.axes).copied().collect();
        axes.sort_unstable();
        let quotients = self.quotients.iter().chain(&other.quotients).cloned().collect();
        Some(Self { coefficient: self.coefficient.checked_mul(other.coefficient)?, axes, quotients })
    }
}

impl Size {
    /// A number.
    pub fn number(value: i64) -> Self {
        Self(if value == 0 { vec![] } else { vec![Term::new(value, vec![])] })
    }

    /// The size of an axis.
    pub fn axis(axis: u8) -> Self {
        Self(vec![Term::new(1, vec![axis])])
    }

    /// The number, if it is one.
    pub fn as_number(&self) -> Option<i64> {
        match self.0.as_slice() {
            [] => Some(0),
            [Term { coefficient, axes, quotients }] if axes.is_empty() && quotients.is_empty() => Some(*coefficient),
            _ => None,
        }
    }

    /// The axes that it is made of, as often as they occur.
    pub fn axes(&self) -> Vec<u8> {
        let inside = |it: &Quotient| [it.above.axes(), it.below.axes()].concat();
        let of = |term: &Term| [term.axes.clone(), term.quotients.iter().flat_map(inside).collect()].concat();
        self.0.iter().flat_map(of).collect()
    }

    /// How many quotients are inside one another.
    pub fn depth(&self) -> usize {
        let quotients = self.0.iter().flat_map(|term| &term.quotients);
        quotients.map(|it| 1 + it.above.depth().max(it.below.depth())).max().unwrap_or(0)
    }

    /// This and so many times another; nothing if a coefficient doesn't fit.
    pub fn plus(&self, other: &Self, times: i64) -> Option<Self> {
        let mut terms = self.0.clone();
        for term in &other.0 {
            let coefficient = term.coefficient.checked_mul(times)?;
            match terms.iter_mut().find(|own| own.axes == term.axes && own.quotients == term.quotients) {
                Some(own) => own.coefficient = own.coefficient.checked_add(coefficient)?,
                None => terms.push(Term { coefficient, ..term.clone() }),
            }
        }
        terms.retain(|term| term.coefficient != 0);
        Some(Self(terms))
    }

    /// The product; nothing if a coefficient doesn't fit.
    pub fn times(&self, other: &Self) -> Option<Self> {
        let mut product = Self::default();
        for left in &self.0 {
            for right in &other.0 {
                product = product.plus(&Self(vec![left.times(right)?]), 1)?;
            }
        }
        Some(product)
    }

    /// The quotient, rounded up or down.
    #[must_use]
    pub fn over(&self, divisor: &Self, up: bool) -> Self {
        let exact = |term: &Term| {
            let coefficient = term.coefficient.checked_rem(divisor.as_number()?)? == 0;
            coefficient.then(|| Some(Term { coefficient: term.coefficient / divisor.as_number()?, ..term.clone() }))?
        };
        // What divides without a rest needs no rounding.
        if let Some(terms) = self.0.iter().map(exact).collect() {
            return Self(terms);
        }
        let quotient = Quotient { above: self.clone(), below: divisor.clone(), up };
        Self(vec![Term { quotients: vec![quotient], ..Term::new(1, vec![]) }])
    }
}
