//! Expressions as plain text and as LaTeX.

use core::fmt::{self, Write};

use super::poly::{Atom, Distinct, Expr, Monomial};
use super::ratio::{Limit, Ratio};
use super::rational::Rational;

/// How expressions are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notation {
    /// `2·b·s·d² + min(t, w)`
    Text,
    /// `2\,b\,s\,d^{2} + \min(t, w)`
    Latex,
}

/// An expression with what is needed to print it.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'a, T> {
    what: &'a T,
    names: &'a [&'a str],
    notation: Notation,
}

impl Expr {
    /// The expression with these names for its axes.
    pub fn show<'a>(&'a self, names: &'a [&'a str], notation: Notation) -> Shown<'a, Self> {
        Shown { what: self, names, notation }
    }
}

impl Ratio {
    /// The quotient with these names for its axes.
    pub fn show<'a>(&'a self, names: &'a [&'a str], notation: Notation) -> Shown<'a, Self> {
        Shown { what: self, names, notation }
    }
}

impl Limit {
    /// The limit with these names for its axes.
    pub fn show<'a>(&'a self, names: &'a [&'a str], notation: Notation) -> Shown<'a, Self> {
        Shown { what: self, names, notation }
    }
}

impl<'a, T> Shown<'a, T> {
    fn of<U>(&self, what: &'a U) -> Shown<'a, U> {
        Shown { what, names: self.names, notation: self.notation }
    }

    fn latex(&self) -> bool {
        self.notation == Notation::Latex
    }
}

impl fmt::Display for Shown<'_, Expr> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.what.is_zero() {
            return f.write_char('0');
        }
        // A sum that starts with a minus sign is harder to read than one that starts with any other term.
        let terms = self.what.terms();
        let first = terms.iter().position(|(_, value)| value.numerator() > 0).unwrap_or(0);
        let rest = (0..terms.len()).filter(|i| *i != first);
        for (at, i) in core::iter::once(first).chain(rest).enumerate() {
            let (monomial, value) = &terms[i];
            let negative = value.numerator() < 0;
            f.write_str(match (at, negative) {
                (0, false) => "",
                (0, true) => "-",
                (_, false) => " + ",
                (_, true) => " - ",
            })?;
            self.term(f, monomial, *value)?;
        }
        Ok(())
    }
}

impl Shown<'_, Expr> {
    fn term(&self, f: &mut fmt::Formatter<'_>, monomial: &Monomial, value: Rational) -> fmt::Result {
        let bare = monomial.factors().is_empty();
        let mut first = true;
        // The sign stands before the term.
        let (above, below) = (value.numerator().unsigned_abs(), value.denominator());
        if bare || (above, below) != (1, 1) {
            match below {
                1 => write!(f, "{above}")?,
                _ if self.latex() => write!(f, "\\frac{{{above}}}{{{below}}}")?,
                _ => write!(f, "{above}/{below}")?,
            }
            first = false;
        }
        for (atom, power) in monomial.factors() {
            if !first {
                f.write_str(if self.latex() { "\\," } else { "·" })?;
            }
            first = false;
            if self.latex() && *power > 1 && matches!(atom, Atom::Distinct(_)) {
                write!(f, "\\left({}\\right)", self.of(atom))?;
            } else {
                write!(f, "{}", self.of(atom))?;
            }
            self.power(f, *power)?;
        }
        Ok(())
    }

    fn power(&self, f: &mut fmt::Formatter<'_>, power: u32) -> fmt::Result {
        const DIGITS: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
        if power == 1 {
            return Ok(());
        }
        if self.latex() {
            return write!(f, "^{{{power}}}");
        }
        power.to_string().bytes().try_for_each(|digit| f.write_char(DIGITS[usize::from(digit - b'0')]))
    }
}

impl fmt::Display for Shown<'_, Atom> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.what, self.latex()) {
            (Atom::Axis(axis), latex) => match self.names.get(usize::from(*axis)) {
                Some(name) if latex && name.len() > 1 => {
                    write!(f, "\\mathit{{{}}}", name.replace('_', "\\_"))
                }
                Some(name) => f.write_str(name),
                None => write!(f, "axis{axis}"),
            },
            (Atom::Min(pair), false) => {
                write!(f, "min({}, {})", self.of(&pair.0), self.of(&pair.1))
            }
            (Atom::Min(pair), true) => {
                write!(f, "\\min({}, {})", self.of(&pair.0), self.of(&pair.1))
            }
            (Atom::Max(pair), false) => {
                write!(f, "max({}, {})", self.of(&pair.0), self.of(&pair.1))
            }
            (Atom::Max(pair), true) => {
                write!(f, "\\max({}, {})", self.of(&pair.0), self.of(&pair.1))
            }
            (Atom::CeilDiv(pair), false) => {
                write!(f, "ceil_div({}, {})", self.of(&pair.0), self.of(&pair.1))
            }
            (Atom::CeilDiv(pair), true) => {
                write!(f, "\\left\\lceil\\frac{{{}}}{{{}}}\\right\\rceil", self.of(&pair.0), self.of(&pair.1))
            }
            (Atom::Distinct(it), false) => {
                let Distinct { experts, top, tokens } = &**it;
                write!(f, "distinct({}, {}, {})", self.of(experts), self.of(top), self.of(tokens))
            }
            (Atom::Distinct(it), true) => {
                let (e, k, n) = (self.of(&it.experts), self.of(&it.top), self.of(&it.tokens));
                write!(f, "\\left({e}\\right)\\left(1-\\left(1-\\frac{{{k}}}{{{e}}}\\right)^{{{n}}}\\right)")
            }
        }
    }
}

impl fmt::Display for Shown<'_, Ratio> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (above, below) = (self.of(&self.what.numerator), self.of(&self.what.denominator));
        if self.what.denominator == Expr::int(1) {
            return write!(f, "{above}");
        }
        if self.latex() {
            return write!(f, "\\frac{{{above}}}{{{below}}}");
        }
        let factors = |expr: &Expr| match expr.terms() {
            [(monomial, value)] => monomial.factors().len() + usize::from(value.whole() != Some(1)),
            terms => 2 * terms.len(),
        };
        match (self.what.numerator.terms().len() > 1, factors(&self.what.denominator) > 1) {
            (true, true) => write!(f, "({above}) / ({below})"),
            (true, false) => write!(f, "({above}) / {below}"),
            (false, true) => write!(f, "{above} / ({below})"),
            (false, false) => write!(f, "{above} / {below}"),
        }
    }
}

impl fmt::Display for Shown<'_, Limit> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.what {
            Limit::Value(ratio) => write!(f, "{}", self.of(ratio)),
            Limit::Infinite => f.write_str(if self.latex() { "\\infty" } else { "∞" }),
        }
    }
}
