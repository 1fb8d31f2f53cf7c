//! Printing: text and JSON to stdout, quietly done when nobody reads on.

use std::io::{ErrorKind, Write};

use serde::Serialize;

use crate::failure::{Result, text};

/// Prints lines to stdout.
pub(crate) fn print(contents: &str) -> Result<()> {
    let mut out = std::io::stdout().lock();
    match out.write_all(contents.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(format!("writing to stdout: {error}")),
        _ => Ok(()),
    }
}

/// Prints a value as JSON.
pub(crate) fn json(value: &impl Serialize) -> Result<()> {
    let mut contents = serde_json::to_string_pretty(value).map_err(text)?;
    contents.push('\n');
    print(&contents)
}

/// Tells the user something beside the answer. If nobody listens there is nothing more to say.
pub(crate) fn tell(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}
