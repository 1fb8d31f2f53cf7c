//! Printing: text and JSON to stdout, quietly done when nobody reads on.

use std::io::{ErrorKind, Write};

use cost_api::Listener;
use cost_core::text::{controls, printable};
use serde::Serialize;

use crate::failure::{Result, text};

/// Prints lines to stdout. What comes from a file does nothing to a terminal.
pub(crate) fn print(contents: &str) -> Result<()> {
    let mut out = std::io::stdout().lock();
    match out.write_all(printable(contents).as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(format!("writing to stdout: {error}")),
        _ => Ok(()),
    }
}

/// Prints a value as JSON.
pub(crate) fn json(value: &impl Serialize) -> Result<()> {
    let mut contents = escaped(&serde_json::to_string_pretty(value).map_err(text)?);
    contents.push('\n');
    print(&contents)
}

/// JSON with what a terminal would take for more than a character as JSON has it: `\u009b`. Outside of texts there is none.
fn escaped(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len() + 1);
    for c in json.chars() {
        if controls(c) && c != '\n' {
            escaped += &format!("\\u{:04x}", u32::from(c));
        } else {
            escaped.push(c);
        }
    }
    escaped
}

/// Tells the user something beside the answer. If nobody listens there is nothing more to say.
pub(crate) fn tell(line: &str) {
    let _ = writeln!(std::io::stderr(), "{}", printable(line));
}

/// Hears what an answer has no place for, and tells the user.
pub(crate) struct Stderr;

impl Listener for Stderr {
    fn told(&self, line: &str) {
        tell(line);
    }
}
