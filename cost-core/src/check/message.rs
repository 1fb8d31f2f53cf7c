//! Text built at compile time.

use crate::op::{Call, Dim, Op, Quotient, Shape, Term};

/// In whose axes a size is written.
#[derive(Clone, Copy)]
pub(super) enum Names<'n, 'o> {
    /// Those of the operator that it is a size of.
    Own(&'n Op<'o>),
    /// Those of the operator that makes a call, for a size of what it calls.
    Within {
        /// Who calls.
        op: &'n Op<'o>,
        /// The call.
        call: &'n Call<'o>,
    },
}

/// A text of up to 512 bytes that a constant function can put together; what doesn't fit is cut off.
#[derive(Clone, Copy)]
pub struct Message {
    text: [u8; Self::MAX],
    len: usize,
}

impl Message {
    const MAX: usize = 512;

    /// The text.
    pub const fn as_str(&self) -> &str {
        match core::str::from_utf8(self.text.split_at(self.len).0) {
            Ok(text) => text,
            Err(_) => "",
        }
    }

    pub(super) const fn new(text: &str) -> Self {
        Self { text: [0; Self::MAX], len: 0 }.then(text)
    }

    pub(super) const fn then(mut self, text: &str) -> Self {
        let bytes = text.as_bytes();
        // All or nothing, so that a character is never cut in two.
        if self.len + bytes.len() <= Self::MAX {
            let mut i = 0;
            while i < bytes.len() {
                self.text[self.len] = bytes[i];
                self.len += 1;
                i += 1;
            }
        }
        self
    }

    pub(super) const fn quoted(self, text: &str) -> Self {
        self.then("`").then(text).then("`")
    }

    pub(super) const fn number(self, n: usize) -> Self {
        const WORDS: [&str; 10] = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
        self.then(if n < WORDS.len() { WORDS[n] } else { "many" })
    }

    /// The number, unless it is zero.
    pub(super) const fn then_number(self, n: usize) -> Self {
        if n == 0 { self } else { self.number(n) }
    }

    pub(super) const fn shape(mut self, axes: &[&str], shape: &Shape) -> Self {
        self = self.then("[");
        let mut i = 0;
        while i < shape.rank() {
            if i > 0 {
                self = self.then(", ");
            }
            self = self.then(axes[shape.axis(i) as usize]);
            i += 1;
        }
        self.then("]")
    }

    /// A product of axes.
    pub(super) const fn product(mut self, axes: &[&str], shape: &Shape) -> Self {
        let mut i = 0;
        while i < shape.rank() {
            self = if i > 0 { self.then(" * ") } else { self }.then(axes[shape.axis(i) as usize]);
            i += 1;
        }
        self
    }

    /// The size of an axis: its name, or what it is in terms of others.
    pub(super) const fn axis(self, names: &Names<'_, '_>, axis: usize) -> Self {
        match names {
            Names::Own(op) => self.then(op.axes[axis]),
            Names::Within { op, call } => match (call.op.size_of(axis), op.bound(call, axis)) {
                (Some(dim), _) => self.size(names, &dim),
                (None, Some(dim)) => self.size(&Names::Own(op), &dim),
                (None, None) => self.then("?"),
            },
        }
    }

    /// A size, as it is written.
    pub(super) const fn size(mut self, names: &Names<'_, '_>, dim: &Dim<'_>) -> Self {
        let terms = match dim {
            Dim::Axis(axis) => return self.axis(names, *axis as usize),
            Dim::Sum(terms) => terms,
        };
        let mut i = 0;
        while i < terms.len() {
            let negative = terms[i].coefficient < 0;
            self = match (i, negative) {
                (0, false) => self,
                (0, true) => self.then("-"),
                (_, false) => self.then(" + "),
                (_, true) => self.then(" - "),
            };
            self = self.term(names, &terms[i]);
            i += 1;
        }
        if terms.is_empty() { self.then("0") } else { self }
    }

    /// A term without its sign.
    const fn term(mut self, names: &Names<'_, '_>, term: &Term<'_>) -> Self {
        let (number, factors) = (term.coefficient.unsigned_abs(), term.axes.len() + term.quotients.len());
        if number != 1 || factors == 0 {
            self = self.digits(number);
            self = if factors > 0 { self.then(" * ") } else { self };
        }
        let mut i = 0;
        while i < factors {
            self = if i > 0 { self.then(" * ") } else { self };
            self = if i < term.axes.len() {
                self.factor(names, term.axes[i] as usize)
            } else {
                self.quotient(names, &term.quotients[i - term.axes.len()])
            };
            i += 1;
        }
        self
    }

    const fn quotient(self, names: &Names<'_, '_>, it: &Quotient<'_>) -> Self {
        let Quotient { above, below, up } = it;
        let text = self.then(if *up { "ceil(" } else { "(" });
        text.enclosed(names, above).then(" / ").enclosed(names, below).then(")")
    }

    /// An axis as one factor of several.
    const fn factor(self, names: &Names<'_, '_>, axis: usize) -> Self {
        let Names::Within { op, call } = names else { return self.axis(names, axis) };
        match (call.op.size_of(axis), op.bound(call, axis)) {
            (Some(dim), _) => self.enclosed(names, &dim),
            (None, Some(dim)) => self.enclosed(&Names::Own(op), &dim),
            (None, None) => self.axis(names, axis),
        }
    }

    /// A size, in parentheses if it isn't one axis or one number.
    const fn enclosed(self, names: &Names<'_, '_>, dim: &Dim<'_>) -> Self {
        match dim {
            Dim::Axis(axis) => self.factor(names, *axis as usize),
            Dim::Sum([Term { axes: [], quotients: [], .. }]) => self.size(names, dim),
            Dim::Sum(_) => self.then("(").size(names, dim).then(")"),
        }
    }

    const fn digits(mut self, n: u64) -> Self {
        const DIGITS: [&str; 10] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];
        if n > 9 {
            self = self.digits(n / 10);
        }
        self.then(DIGITS[(n % 10) as usize])
    }

    pub(super) const fn list(mut self, names: &[&str]) -> Self {
        let mut i = 0;
        while i < names.len() {
            if i > 0 {
                self = self.then(", ");
            }
            self = self.quoted(names[i]);
            i += 1;
        }
        self
    }
}
