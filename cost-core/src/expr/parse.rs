//! Expressions from texts, as they are printed.

use super::poly::Expr;
use super::rational::Rational;
use crate::error::{Error, Result};
use crate::suggest::nearest;
use crate::text::short;

/// How deep parentheses can be in each other.
const DEPTH: usize = 32;
/// The highest power.
const POWER: u32 = 64;

impl Expr {
    /// Reads an expression over axes of these names as plain text: `6·b·s·d·f + min(t, w)²/2`. `*` is a product too, and
    /// `^2` a power; a quotient is by a number; functions are `min`, `max`, `ceil_div` and `distinct`.
    ///
    /// What is not one is an error that says where and what was expected.
    ///
    /// ```
    /// use cost_core::expr::Expr;
    ///
    /// assert_eq!(Expr::parse("b*(s + 1) - b", &["b", "s"])?, Expr::parse("s·b", &["b", "s"])?);
    /// assert!(Expr::parse("2·q", &["b", "s"]).is_err());
    /// # Ok::<(), cost_core::Error>(())
    /// ```
    pub fn parse(text: &str, axes: &[&str]) -> Result<Self> {
        let mut parser = Parser { text, at: 0, axes, depth: 0 };
        let expr = parser.sum()?;
        if parser.peek().is_some() { Err(parser.wrong("an operator or the end")) } else { Ok(expr) }
    }
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    axes: &'a [&'a str],
    depth: usize,
}

impl<'a> Parser<'a> {
    fn sum(&mut self) -> Result<Expr> {
        self.depth += 1;
        if self.depth > DEPTH {
            return Err(self.wrong("fewer parentheses in each other"));
        }
        let negative = self.takes("-");
        let first = self.product()?;
        let mut sum = if negative { Expr::int(0).sub(&first)? } else { first };
        loop {
            if self.takes("+") {
                sum = sum.add(&self.product()?)?;
            } else if self.takes("-") {
                sum = sum.sub(&self.product()?)?;
            } else {
                self.depth -= 1;
                return Ok(sum);
            }
        }
    }

    fn product(&mut self) -> Result<Expr> {
        let mut product = self.power()?;
        loop {
            if self.takes("·") || self.takes("*") {
                product = product.mul(&self.power()?)?;
            } else if self.takes("/") {
                let divisor = self.number()?.filter(|divisor| *divisor != 0);
                let divisor = divisor.ok_or_else(|| self.wrong("a positive whole number to divide by"))?;
                product = product.scaled(Rational::new(1, divisor)?)?;
            } else {
                return Ok(product);
            }
        }
    }

    fn power(&mut self) -> Result<Expr> {
        let base = self.value()?;
        let raised = if self.takes("^") { self.number()? } else { self.superscript()? };
        let Some(power) = raised else { return Ok(base) };
        let power = u32::try_from(power).ok().filter(|power| *power <= POWER);
        let power = power.ok_or_else(|| self.wrong("a power of at most 64"))?;
        (0..power).try_fold(Expr::int(1), |product, _| product.mul(&base))
    }

    fn value(&mut self) -> Result<Expr> {
        if let Some(number) = self.number()? {
            return Ok(Expr::int(number));
        }
        if self.takes("(") {
            let inner = self.sum()?;
            self.expect(")")?;
            return Ok(inner);
        }
        let start = self.at;
        let name = self.name();
        let unknown = |parser: &Self| {
            let known = parser.axes.join(", ");
            let near = nearest(name, parser.axes.iter().copied());
            let near = near.map_or_else(String::new, |near| format!(" (did you mean `{near}`?)"));
            Self { at: start, ..*parser }.wrong(&format!("a number, an axis of {known}{near}, or a function"))
        };
        if self.takes("(") {
            let mut arguments = vec![self.sum()?];
            while self.takes(",") {
                arguments.push(self.sum()?);
            }
            self.expect(")")?;
            return match (name, arguments.as_slice()) {
                ("min", [a, b]) => a.smaller(b),
                ("max", [a, b]) => a.larger(b),
                ("ceil_div", [a, b]) => a.ceil_div(b),
                ("distinct", [experts, top, tokens]) => Ok(Expr::distinct(experts, top, tokens)),
                _ => Err(Self { at: start, ..*self }
                    .wrong("min(a, b), max(a, b), ceil_div(a, b) or distinct(experts, top, tokens)")),
            };
        }
        let axis = self.axes.iter().position(|axis| *axis == name).and_then(|axis| u16::try_from(axis).ok());
        axis.map(Expr::axis).ok_or_else(|| unknown(self))
    }

    fn name(&mut self) -> &'a str {
        self.peek();
        let rest = &self.text[self.at..];
        let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    /// A whole number, if one is next.
    fn number(&mut self) -> Result<Option<i128>> {
        self.peek();
        let rest = &self.text[self.at..];
        let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        if end == 0 {
            return Ok(None);
        }
        let number = rest[..end].parse().map_err(|_| self.wrong("a number of at most 128 bits"))?;
        self.at += end;
        Ok(Some(number))
    }

    fn superscript(&mut self) -> Result<Option<i128>> {
        const DIGITS: &str = "⁰¹²³⁴⁵⁶⁷⁸⁹";
        let mut power = None;
        while let Some(digit) = self.text[self.at..].chars().next().and_then(|c| DIGITS.chars().position(|it| it == c))
        {
            let before: i128 = power.unwrap_or(0);
            power = Some(before * 10 + digit as i128);
            if before > i128::from(POWER) {
                return Err(self.wrong("a power of at most 64"));
            }
            self.at += self.text[self.at..].chars().next().map_or(0, char::len_utf8);
        }
        Ok(power)
    }

    fn takes(&mut self, what: &str) -> bool {
        self.peek();
        let found = self.text[self.at..].starts_with(what);
        if found {
            self.at += what.len();
        }
        found
    }

    fn expect(&mut self, what: &str) -> Result<()> {
        if self.takes(what) { Ok(()) } else { Err(self.wrong(&format!("`{what}`"))) }
    }

    /// The next character that isn't space.
    fn peek(&mut self) -> Option<char> {
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start().len();
        rest.trim_start().chars().next()
    }

    fn wrong(&self, expected: &str) -> Error {
        let rest = self.text[self.at..].trim_start();
        let found = if rest.is_empty() { "the end".to_owned() } else { format!("`{}`", short(rest, 40)) };
        let before = short(&self.text[..self.at], 200);
        let after = if before.is_empty() { before } else { format!(" after `{}`", before.trim_end()) };
        Error::Formula { found: format!("{found}{after}"), expected: expected.to_owned() }
    }
}
