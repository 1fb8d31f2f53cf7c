//! Closed formulas: canonical expressions over axes with exact rational coefficients.

mod display;
mod parse;
mod poly;
mod ratio;
mod rational;

pub use display::{Notation, Shown};
pub use poly::{Atom, Distinct, Expr, Monomial};
pub(crate) use poly::{distinct, fraction};
pub use ratio::{Limit, Ratio};
pub use rational::Rational;

impl From<Atom> for Expr {
    fn from(atom: Atom) -> Self {
        Self::of_atom(atom)
    }
}
