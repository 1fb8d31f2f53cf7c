//! Sizes lent to descriptions: what those borrow besides the sizes themselves.

use std::cell::OnceCell;

use super::size::{Quotient, Size, Term};
use crate::op::{self, Dim};

/// The terms of one size.
#[derive(Default)]
pub(super) struct Lent<'a> {
    terms: OnceCell<Vec<op::Term<'a>>>,
    /// What each of them borrows.
    inside: Vec<Inside<'a>>,
}

/// The quotients of one term.
struct Inside<'a> {
    quotients: OnceCell<Vec<op::Quotient<'a>>>,
    parts: Vec<[Lent<'a>; 2]>,
}

impl<'a> Lent<'a> {
    /// Room for a size.
    pub(super) fn of(size: &Size) -> Self {
        let parts = |it: &Quotient| [Self::of(&it.above), Self::of(&it.below)];
        let inside =
            |term: &Term| Inside { quotients: OnceCell::new(), parts: term.quotients.iter().map(parts).collect() };
        Self { terms: OnceCell::new(), inside: size.0.iter().map(inside).collect() }
    }

    /// The size, as the macro writes it: one axis is that axis.
    pub(super) fn dim(&'a self, size: &'a Size) -> Dim<'a> {
        let terms =
            self.terms.get_or_init(|| size.0.iter().zip(&self.inside).map(|(term, it)| it.term(term)).collect());
        match terms.as_slice() {
            [op::Term { coefficient: 1, axes: [axis], quotients: [] }] => Dim::Axis(*axis),
            terms => Dim::Sum(terms),
        }
    }
}

impl<'a> Inside<'a> {
    fn term(&'a self, term: &'a Term) -> op::Term<'a> {
        let quotient = |(it, [above, below]): (&'a Quotient, &'a [Lent<'a>; 2])| op::Quotient {
            above: above.dim(&it.above),
            below: below.dim(&it.below),
            up: it.up,
        };
        let quotients = || term.quotients.iter().zip(&self.parts).map(quotient).collect();
        let quotients = self.quotients.get_or_init(quotients);
        op::Term { coefficient: term.coefficient, axes: &term.axes, quotients }
    }
}
