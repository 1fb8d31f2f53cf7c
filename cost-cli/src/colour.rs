//! Colours of a terminal.
//!
//! What has a tone is put between characters without width, so that it is laid out as if they weren't there; printing turns them
//! into what a terminal understands, or leaves them out.

use std::io::IsTerminal;
use std::sync::OnceLock;

use clap::ValueEnum;

/// When there are colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum When {
    /// On a terminal that has them, unless `NO_COLOR` is set
    #[default]
    Auto,
    /// Whatever it is printed to
    Always,
    /// Not at all
    Never,
}

static ASKED: OnceLock<When> = OnceLock::new();

/// Says once for all when there are colours.
pub(crate) fn set(when: When) {
    let _ = ASKED.set(when);
}

/// Whether what is printed there has colours.
pub(crate) fn on(stream: &impl IsTerminal) -> bool {
    match ASKED.get().copied().unwrap_or_default() {
        When::Always => true,
        When::Never => false,
        When::Auto => {
            let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
            stream.is_terminal() && !set("NO_COLOR") && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
        }
    }
}

/// What a text is to look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    Plain,
    Heading,
    Soft,
    Memory,
    Compute,
    Link,
    Good,
    Bad,
    Warning,
}

/// Where a tone begins (the character with its number) and ends: invisible operators, and tags that nobody writes.
const BEGIN: char = '\u{e0100}';
const END: char = '\u{2064}';

const ALL: [Tone; 8] =
    [Tone::Heading, Tone::Soft, Tone::Memory, Tone::Compute, Tone::Link, Tone::Good, Tone::Bad, Tone::Warning];

impl Tone {
    /// That of what something waits for.
    pub(crate) fn of_bound(bound: &str) -> Self {
        match bound {
            "memory" => Self::Memory,
            "compute" => Self::Compute,
            "link" | "host" => Self::Link,
            _ => Self::Plain,
        }
    }

    const fn code(self) -> &'static str {
        match self {
            Self::Plain => "0",
            Self::Heading => "1",
            Self::Soft => "2",
            Self::Memory => "34",
            Self::Compute => "33",
            Self::Link => "35",
            Self::Good => "32",
            Self::Bad => "31",
            Self::Warning => "1;33",
        }
    }

    /// A text in this tone.
    pub(crate) fn of(self, text: &str) -> String {
        match (ALL.iter().position(|tone| *tone == self), u32::from(BEGIN)) {
            (Some(at), begin) if !text.is_empty() => {
                let begin = u32::try_from(at).ok().and_then(|at| char::from_u32(begin + at)).unwrap_or(BEGIN);
                format!("{begin}{text}{END}")
            }
            _ => text.to_owned(),
        }
    }
}

fn toned(c: char) -> Option<Tone> {
    let at = u32::from(c).checked_sub(u32::from(BEGIN))?;
    ALL.get(usize::try_from(at).ok()?).copied()
}

/// A text as a terminal with colours shows its tones, or without them.
pub(crate) fn shown(text: &str, colours: bool) -> String {
    let mut shown = String::with_capacity(text.len() + 64);
    for c in text.chars() {
        match (toned(c), c) {
            (Some(tone), _) if colours => shown.extend(["\u{1b}[", tone.code(), "m"]),
            (None, END) if colours => shown += "\u{1b}[0m",
            (Some(_), _) | (None, END) => {}
            _ => shown.push(c),
        }
    }
    shown
}
