//! Expected numbers of distinct experts.

use std::sync::OnceLock;

use super::program::Share;
use crate::cost::rounded;
use crate::expr::{Rational, distinct, fraction};

/// Most tokens whose share can be a fraction: each halves at least what is missed, and fractions have 127 bits.
const FRACTIONS: usize = 128;

/// The shares of one number of experts and of experts that a token uses, each computed when it is first needed.
#[derive(Clone, Debug)]
pub(super) struct Known {
    experts: u128,
    top: u128,
    fractions: Vec<OnceLock<Option<Rational>>>,
}

impl Known {
    pub(super) fn new(share: &Share) -> Self {
        let (experts, top) = share.known.unwrap_or_default();
        Self { experts, top, fractions: vec![OnceLock::new(); FRACTIONS] }
    }

    /// What one expert takes times the expected number of experts, rounded; nothing if it doesn't fit.
    pub(super) fn rounded(&self, one: u128, tokens: u128) -> Option<u128> {
        let (experts, top) = (self.experts, self.top);
        let fraction = || {
            let [experts, top] = [experts, top].map(|n| i128::try_from(n).ok().map(Rational::int));
            fraction(experts?, top?, i128::try_from(tokens).ok()?)
        };
        let known = usize::try_from(tokens).ok().and_then(|tokens| self.fractions.get(tokens));
        let share = match known {
            Some(known) => *known.get_or_init(fraction),
            // Only if all experts are used, or none, does a fraction with so many factors fit.
            None if top == experts || top == 0 || experts == 0 => fraction(),
            None => None,
        };
        rounded(one, share, || distinct(experts as f64, top as f64, tokens as f64)).ok()
    }
}
