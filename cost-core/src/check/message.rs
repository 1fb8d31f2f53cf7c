//! Text built at compile time.

use crate::op::Shape;

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
