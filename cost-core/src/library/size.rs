//! Sizes that own their terms.

use crate::op::Term;

/// A polynomial in the axes of an operator: coefficients and the axes that they multiply. No terms are zero.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Size(pub Vec<(i64, Vec<u8>)>);

impl Size {
    /// A number.
    pub fn number(value: i64) -> Self {
        Self(if value == 0 { vec![] } else { vec![(value, vec![])] })
    }

    /// The size of an axis.
    pub fn axis(axis: u8) -> Self {
        Self(vec![(1, vec![axis])])
    }

    /// The axes that it is made of, as often as they occur.
    pub fn axes(&self) -> impl Iterator<Item = u8> + '_ {
        self.0.iter().flat_map(|(_, axes)| axes.iter().copied())
    }

    /// This and so many times another; nothing if a coefficient doesn't fit.
    pub fn plus(&self, other: &Self, times: i64) -> Option<Self> {
        let mut terms = self.0.clone();
        for (coefficient, axes) in &other.0 {
            let coefficient = coefficient.checked_mul(times)?;
            match terms.iter_mut().find(|(_, own)| own == axes) {
                Some((own, _)) => *own = own.checked_add(coefficient)?,
                None => terms.push((coefficient, axes.clone())),
            }
        }
        terms.retain(|(coefficient, _)| *coefficient != 0);
        Some(Self(terms))
    }

    /// The product; nothing if a coefficient doesn't fit.
    pub fn times(&self, other: &Self) -> Option<Self> {
        let mut product = Self::default();
        for (a, left) in &self.0 {
            for (b, right) in &other.0 {
                let mut axes: Vec<u8> = left.iter().chain(right).copied().collect();
                axes.sort_unstable();
                product = product.plus(&Self(vec![(a.checked_mul(*b)?, axes)]), 1)?;
            }
        }
        Some(product)
    }

    /// Its terms, for a description.
    pub(super) fn terms(&self) -> impl Iterator<Item = Term<'_>> {
        self.0.iter().map(|(coefficient, axes)| Term { coefficient: *coefficient, axes })
    }
}
