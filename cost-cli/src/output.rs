//! Printing: text and JSON to stdout, quietly done when nobody reads on.

use std::io::{ErrorKind, Write};
use std::path::Path;

use cost_api::Listener;
use cost_core::text::{controls, printable};
use serde::Serialize;

use crate::args::ListArgs;
use crate::colour::{self, Tone};
use crate::failure::{Result, text};
use crate::page::Page;

/// Prints lines to stdout. What comes from a file does nothing to a terminal.
pub(crate) fn print(contents: &str) -> Result<()> {
    let mut out = std::io::stdout().lock();
    let contents = colour::shown(&printable(contents), colour::on(&std::io::stdout()));
    match out.write_all(contents.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(format!("writing to stdout: {error}")),
        _ => Ok(()),
    }
}

/// Prints a page as it is asked for.
pub(crate) fn page(page: &Page, args: &ListArgs) -> Result<()> {
    print(&page.shown(args.table.unwrap_or_default())?)
}

/// Prints a value as JSON.
pub(crate) fn json(value: &impl Serialize) -> Result<()> {
    let mut contents = escaped(&serde_json::to_string_pretty(value).map_err(text)?);
    contents.push('\n');
    print(&contents)
}

/// Writes a file that an option names.
pub(crate) fn file(option: &str, path: &Path, contents: &str) -> Result<()> {
    std::fs::write(path, contents).map_err(|error| format!("--{option}: {}: {error}", path.display()))
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
    let line = printable(line);
    let told = |word: &str, tone: Tone| line.strip_prefix(word).map(|rest| tone.of(word) + rest);
    let told = told("error:", Tone::Bad).or_else(|| told("warning:", Tone::Warning));
    let line = colour::shown(told.as_deref().unwrap_or(&line), colour::on(&std::io::stderr()));
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// Hears what an answer has no place for, and tells the user.
pub(crate) struct Stderr;

impl Listener for Stderr {
    fn told(&self, line: &str) {
        tell(line);
    }
}
