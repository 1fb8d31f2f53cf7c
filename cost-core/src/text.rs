//! Text in constants and in messages.

use core::fmt::{self, Display, Write};

/// Whether two texts are equal.
pub(crate) const fn same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len() != b.len() {
        return false;
    }
    let mut i = 0;
    while i < a.len() {
        if a[i] != b[i] {
            return false;
        }
        i += 1;
    }
    true
}

/// What was found somewhere, as a message shows it: at most so many characters and `…`, and none that a terminal would take
/// for more than a character. No more of it is ever made, however long it is.
pub fn short(found: impl Display, most: usize) -> String {
    struct Short {
        text: String,
        left: usize,
    }

    impl Write for Short {
        fn write_str(&mut self, more: &str) -> fmt::Result {
            for c in more.chars() {
                if self.left == 0 {
                    self.text.push('…');
                    return Err(fmt::Error);
                }
                self.left -= 1;
                escape(c, true, &mut self.text);
            }
            Ok(())
        }
    }

    let mut short = Short { text: String::new(), left: most };
    // An error says that the rest is left out.
    let _ = write!(short, "{found}");
    short.text
}

/// A text of several lines without what a terminal would take for more than a character.
pub fn printable(text: &str) -> std::borrow::Cow<'_, str> {
    if !text.chars().any(|c| c != '\n' && controls(c)) {
        return text.into();
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    text.chars().for_each(|c| escape(c, false, &mut escaped));
    escaped.into()
}

/// A character, as `\u{1b}` if it would do something else than be seen.
fn escape(c: char, lines: bool, to: &mut String) {
    match c {
        '\n' if !lines => to.push(c),
        _ if controls(c) => to.extend(c.escape_default()),
        _ => to.push(c),
    }
}

/// Whether a character does something: moves, colours or deletes, or turns the direction of what is after it.
pub fn controls(c: char) -> bool {
    let turns = matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}');
    c.is_control() || turns
}
