//! How to count: number formats, masking, routing.

use std::sync::Arc;

use crate::error::{Error, Result};
use crate::format::{Class, Format};
use crate::op::{Input, Role};
use crate::suggest::nearest;

/// What a caller can choose about the counting.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Options {
    /// Number formats.
    pub formats: Formats,
    /// Which query–key pairs are counted.
    pub masking: Masking,
    /// How many distinct experts a step touches.
    pub routing: Routing,
    /// In which class of numbers products multiply, by their kernel's path or by an operand's path or name in files; the
    /// last pattern that matches decides. Other products multiply as the model says ([`Stored::multiply`]), else in the
    /// wider of the classes that their operands are stored in.
    pub multiply: Vec<(Pattern, Class)>,
}

/// Which query–key pairs are counted under a mask.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Masking {
    /// Those that the mask keeps.
    #[default]
    Exact,
    /// The whole rectangle, as counters that don't look at the mask do. Keys that no query's window reaches are still
    /// left out.
    Dense,
}

/// How many distinct experts the tokens of one step touch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Routing {
    /// The expectation under uniform, independent routing, `e·(1 − (1 − top/e)^n)`; bits are rounded to whole ones.
    #[default]
    Expected,
    /// As many as possible: `min(e, top·n)`.
    Worst,
    /// A given number: an error where the tokens can't touch so many, or each touches more.
    Given(u64),
}

/// The number format of each role, and exceptions by the tensor's names. Where nothing is asked for, a model's own formats
/// stay, and what has none is in 16 bits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Formats {
    /// Of parameters: all of them, whatever a model says of its own.
    pub weights: Option<Format>,
    /// Of activations.
    pub acts: Option<Format>,
    /// Of caches and recurrent states.
    pub cache: Option<Format>,
    /// Of token ids.
    pub ids: Format,
    /// What a model says of its own tensors: the last pattern that matches one of a tensor's names decides.
    pub own: Vec<(Pattern, Stored)>,
    /// What it says of those that differ from round to round of a loop.
    pub rounds: Vec<Rounds>,
    /// Exceptions to all of that, likewise.
    pub set: Vec<(Pattern, Format)>,
}

/// Rounds of a loop, layers say, whose tensors have the same formats.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rounds {
    /// Where the loop is: the enclosing calls and its label, joined by dots.
    pub place: String,
    /// How many rounds. All that are given for a place must be as many as the loop has.
    pub times: u64,
    /// What is said of their tensors, besides what is said of all.
    pub own: Vec<(Pattern, Stored)>,
}

/// How a model stores a tensor, and what it multiplies it in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Stored {
    /// The number format in memory.
    pub format: Format,
    /// The class of numbers in which products with it multiply, where that isn't a matter of what their operands are
    /// stored in: weights and activations that are both quantised multiply as they are, whatever format activations are
    /// kept in between.
    pub multiply: Option<Class>,
    /// Whether it is left in the memory of the device's host.
    pub host: bool,
}

impl From<Format> for Stored {
    fn from(format: Format) -> Self {
        Self { format, multiply: None, host: false }
    }
}

impl Default for Formats {
    fn default() -> Self {
        Self::of_roles(None, Format::INT32)
    }
}

impl Formats {
    /// The same but for the parameters, which are all in one format, whatever a model says of its own.
    #[must_use]
    pub fn with_weights(self, weights: Format) -> Self {
        Self { weights: Some(weights), own: Vec::new(), rounds: Vec::new(), ..self }
    }

    /// One byte for every element, so that byte counts are element counts.
    pub fn bytes() -> Self {
        Self::of_roles(Some(Format::BYTE), Format::BYTE)
    }

    /// One format for everything but the ids.
    fn of_roles(all: Option<Format>, ids: Format) -> Self {
        Self { weights: all, acts: all, cache: all, ids, own: Vec::new(), rounds: Vec::new(), set: Vec::new() }
    }

    /// These, and where they ask for nothing those that a model has. What already says how a model stores its tensors is not
    /// told again.
    #[must_use]
    pub fn over(&self, model: &Self) -> Self {
        let own = self.weights.is_none() && self.own.is_empty() && self.rounds.is_empty();
        let stored = if own { model } else { self };
        Self {
            weights: self.weights.or(model.weights),
            acts: self.acts.or(model.acts),
            cache: self.cache.or(model.cache),
            ids: self.ids,
            own: stored.own.clone(),
            rounds: stored.rounds.clone(),
            set: [model.set.as_slice(), &self.set].concat(),
        }
    }

    /// Whether any format depends on a tensor's path.
    pub(crate) fn ask_paths(&self) -> bool {
        !(self.set.is_empty() && self.own.is_empty() && self.rounds.is_empty())
    }

    /// The format of a role, exceptions aside.
    pub fn of(&self, role: Role) -> Format {
        match role {
            Role::Act => self.acts,
            Role::Weight => self.weights,
            Role::Cache | Role::State => self.cache,
            Role::Ids => Some(self.ids),
        }
        .unwrap_or(Format::BF16)
    }

    /// How an activation at that path is stored: by the last exception that matches its path, else as the model says, else as
    /// declared, else as activations are.
    pub(crate) fn of_act(&self, declared: Option<Format>, path: &str) -> Stored {
        self.of_names(Role::Act, declared, &[path])
    }

    /// How an operator's input at that path is stored: by the last exception that matches its path or one of its names in
    /// files, else as the model says, else as declared, else as its role is.
    pub(crate) fn of_input(&self, input: &Input<'_>, path: &str) -> Stored {
        match (input.gguf, input.hf) {
            (None, None) => self.of_names(input.role, input.format, &[path]),
            (Some(name), None) | (None, Some(name)) => self.of_names(input.role, input.format, &[path, name]),
            (Some(gguf), Some(hf)) => self.of_names(input.role, input.format, &[path, gguf, hf]),
        }
    }

    fn of_names(&self, role: Role, declared: Option<Format>, names: &[&str]) -> Stored {
        if self.set.is_empty() && self.own.is_empty() {
            return declared.unwrap_or_else(|| self.of(role)).into();
        }
        let matches = |pattern: &Pattern| names.iter().any(|name| pattern.matches(name));
        if let Some((_, format)) = self.set.iter().rev().find(|(pattern, _)| matches(pattern)) {
            return (*format).into();
        }
        let own = self.own.iter().rev().find(|(pattern, _)| matches(pattern));
        own.map_or_else(|| declared.unwrap_or_else(|| self.of(role)).into(), |(_, stored)| *stored)
    }
}

impl Options {
    /// The options for rounds of a loop.
    pub(crate) fn within(&self, rounds: &Rounds) -> Self {
        let own = [self.formats.own.clone(), rounds.own.clone()].concat();
        let formats = Formats { own, rounds: Vec::new(), ..self.formats.clone() };
        Self { formats, multiply: self.multiply.clone(), ..*self }
    }

    /// The class that is asked for of products with these names.
    pub(crate) fn multiply(&self, named: impl Fn(&Pattern) -> bool) -> Option<Class> {
        self.multiply.iter().rev().find(|(pattern, _)| named(pattern)).map(|(_, class)| *class)
    }

    /// Whether anything depends on a tensor's path.
    pub(crate) fn ask_paths(&self) -> bool {
        self.formats.ask_paths() || !self.multiply.is_empty()
    }
}

impl core::str::FromStr for Format {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::parse(&text.to_ascii_lowercase()).map_err(|expected| {
            let guess =
                nearest(text, Self::names()).map_or_else(String::new, |name| format!("; did you mean `{name}`?"));
            Error::Format { text: text.to_owned(), expected: format!("{expected}{guess}") }
        })
    }
}

impl core::str::FromStr for Class {
    type Err = Error;

    /// The class by its name ([`Class::name`]); `f16` multiplies as `bf16` does.
    fn from_str(text: &str) -> Result<Self> {
        let lower = text.to_ascii_lowercase();
        let name = if lower == "f16" { "bf16" } else { &lower };
        Self::ALL.into_iter().find(|class| class.name() == name).ok_or_else(|| {
            let names = Self::ALL.map(Self::name).join(", ");
            Error::Class { text: text.to_owned(), expected: format!("one of {names}") }
        })
    }
}

/// A pattern for tensor paths and names in files, in which `*` stands for any text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    text: Arc<str>,
    /// Whether there is a `*`: a released model has a path for each of its weights, and they are looked up often.
    star: bool,
}

impl Pattern {
    /// The pattern with this text.
    pub fn new(text: &str) -> Self {
        Self { text: text.into(), star: text.contains('*') }
    }

    /// Its text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether a path matches as a whole. A leading `*.` also matches nothing: a tensor of the outermost operator.
    pub fn matches(&self, path: &str) -> bool {
        if !self.star {
            return *self.text == *path;
        }
        covers(&self.text, path) || self.text.strip_prefix("*.").is_some_and(|rest| covers(rest, path))
    }
}

/// Whether a path begins with what stands before the first `*`, ends with what stands after the last, and has the rest in
/// between, in order.
fn covers(pattern: &str, path: &str) -> bool {
    let Some((first, others)) = pattern.split_once('*') else { return pattern == path };
    let (middle, last) = others.rsplit_once('*').unwrap_or(("", others));
    let rest = path.strip_prefix(first).and_then(|rest| rest.strip_suffix(last));
    let found = middle
        .split('*')
        .try_fold(rest.unwrap_or_default(), |rest, part| rest.find(part).map(|at| &rest[at + part.len()..]));
    rest.is_some() && found.is_some()
}

impl core::fmt::Display for Routing {
    /// As the command line has it: `expected`, `worst` or a number.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Expected => f.write_str("expected"),
            Self::Worst => f.write_str("worst"),
            Self::Given(count) => count.fmt(f),
        }
    }
}

impl core::fmt::Display for Pattern {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(&self.text)
    }
}
