//! How a model's weights are asked to be stored, layer by layer where a file type or a pattern says so.

use std::collections::HashSet;
use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use cost_core::cost::{Formats, Pattern, Stored};
use cost_core::format::Format;
use cost_core::op::Role;
use cost_core::text::short;

use super::Naming;
use super::declared::{self, Declared};
use super::file_type::{self, FileType};
use crate::error::Error;
use crate::model::{Model, Workload};
use crate::quantised;

/// How all weights of a model are stored.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum WeightFormat {
    /// In one format.
    All(Format),
    /// As a GGUF file of a type has them.
    File(FileType),
}

impl fmt::Display for WeightFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All(format) => format.fmt(f),
            Self::File(file) => f.write_str(file.name()),
        }
    }
}

/// Reads the name of a file type, or else a format: `q4_0`, which is both, is the former, and so is `q4_k_m`.
impl FromStr for WeightFormat {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        if let Ok(file) = text.parse() {
            return Ok(Self::File(file));
        }
        text.parse().map(Self::All).map_err(|error: cost_core::Error| match error {
            cost_core::Error::Format { text, expected } => {
                let (what, near) = expected.split_at(expected.find("; ").unwrap_or(expected.len()));
                let expected = format!("{what}, or a type of GGUF file (q4_k_m, iq4_xs, …){near}");
                Error::Cost(cost_core::Error::Format { text, expected })
            }
            other => Error::Cost(other),
        })
    }
}

impl Model {
    /// The formats of a model's weights where these are asked for: all of them in some way, and exceptions by the tensor's
    /// path or its name in files, in which the number of a layer may stand (`blk.0.ffn_down.weight`), some numbers
    /// (`blk.{0..4}.*`, `blk.{20..}.*`) or a `*` for any.
    ///
    /// An error names a weight that a GGUF file has no name for.
    pub fn asking(&self, weights: Option<WeightFormat>, set: &[(Pattern, Format)]) -> Result<Formats, Error> {
        self.leaving(weights, set, &[])
    }

    /// As [`Model::asking`], with weights whose names match left in the memory of a device's host.
    ///
    /// An error names a pattern that matches no weight, or says that none is left on the device.
    pub fn leaving(
        &self,
        weights: Option<WeightFormat>,
        set: &[(Pattern, Format)],
        offload: &[Pattern],
    ) -> Result<Formats, Error> {
        let (one, file) = match weights {
            None => (None, None),
            Some(WeightFormat::All(format)) => (Some(format), None),
            Some(WeightFormat::File(file)) => (None, Some(file)),
        };
        let named = |patterns: Vec<&Pattern>| patterns.into_iter().map(Named::new).collect::<Result<Vec<_>, _>>();
        let by_name = named(set.iter().map(|(pattern, _)| pattern).collect())?;
        let left = named(offload.iter().collect())?;
        let layered = by_name.iter().any(Named::is_of_a_layer) || !left.is_empty();
        if file.is_none() && !layered {
            return Ok(Formats { weights: one, set: set.to_vec(), ..Formats::default() });
        }
        let declared = declared::declared(self)?;
        let of_file = file.map(|file| file_type::formats(file, self, &declared)).transpose()?;
        let hosted = hosted(&declared, &left)?;
        let of = |which: usize, it: &Declared, layer: Option<u64>| {
            let own = || {
                let at = by_name.iter().rposition(|named| layered && named.is(it, layer))?;
                Some(Stored::from(set.get(at)?.1))
            };
            let of_file = || of_file.as_ref()?.get(&(which, layer)).map(|format| Stored::from(*format));
            let before = || one.map(Stored::from).or_else(|| self.stored_of(it, layer));
            let stored = own().or_else(of_file).or_else(before);
            let host = hosted.contains(&(which, layer));
            if host { Some(Stored { host, ..stored.unwrap_or_else(|| self.stored_plainly(it)) }) } else { stored }
        };
        let formats = declared::formats(&declared, of)?;
        let one = one.or_else(|| file.map(|file| file.most()));
        let set = if layered { self.left_of(&declared, &by_name, set)? } else { set.to_vec() };
        Ok(Formats { weights: one, set, ..formats })
    }

    /// How a weight of the model is stored in a layer, where that isn't as all weights are.
    fn stored_of(&self, declared: &Declared, layer: Option<u64>) -> Option<Stored> {
        match self.in_files() {
            Some(files) => files.get(&(declared.tensor.path.clone(), layer)).copied(),
            None => quantised::of(self.quantised(), declared, layer),
        }
    }

    /// How a weight is stored that nothing is said of: as its operator declares it, or as all weights are.
    fn stored_plainly(&self, declared: &Declared) -> Stored {
        let own = declared.tensor.format;
        if own == Format::BF16 { self.formats().of(Role::Weight).into() } else { own.into() }
    }

    /// The exceptions that are about something else than weights, or about nothing.
    fn left_of(
        &self,
        declared: &[Declared],
        by_name: &[Named],
        set: &[(Pattern, Format)],
    ) -> Result<Vec<(Pattern, Format)>, Error> {
        let step = if self.is_encoder() { Workload::prefill(1, 1) } else { Workload::decode(1, 1) };
        let others = self.tensors(&step, &cost_core::Options::default())?;
        let others: Vec<&str> = others.iter().filter(|it| it.role != Role::Weight).map(|it| it.path.as_str()).collect();
        let weights =
            |named: &Named| declared.iter().any(|it| it.places().into_iter().any(|layer| named.is(it, layer)));
        let left = by_name
            .iter()
            .zip(set)
            .filter(|(named, (pattern, _))| !weights(named) || others.iter().any(|path| pattern.matches(path)));
        Ok(left.map(|(_, one)| one.clone()).collect())
    }
}

/// The weights that patterns leave in the host's memory, by their number and layer.
fn hosted(declared: &[Declared], left: &[Named]) -> Result<HashSet<(usize, Option<u64>)>, Error> {
    let mut found = HashSet::new();
    let mut used = vec![false; left.len()];
    let mut all = 0;
    for (which, it) in declared.iter().enumerate() {
        for layer in it.places() {
            all += 1;
            for (named, used) in left.iter().zip(&mut used) {
                if named.is(it, layer) {
                    *used = true;
                    found.insert((which, layer));
                }
            }
        }
    }
    if let Some((named, _)) = left.iter().zip(used).find(|(_, used)| !used) {
        let names = declared.iter().filter_map(|it| it.tensor.gguf.as_deref().or(it.tensor.hf.as_deref()));
        let near = cost_core::nearest(&named.text, names);
        let near = near.map_or_else(String::new, |near| format!(" (did you mean `{near}`?)"));
        let expected = format!("a pattern that matches a weight's path or name in files{near}");
        return Err(Error::field("offload", format!("`{}`", short(&named.text, 100)), expected));
    }
    if found.len() == all && all > 0 {
        return Err(Error::field("offload", "all weights", "some that are left to the device"));
    }
    Ok(found)
}

/// A pattern of names, in which numbers of layers may stand: one, or some in braces.
struct Named {
    text: String,
    pattern: Pattern,
    /// What stands before and after the braces, and the numbers in them.
    range: Option<(String, Range<u64>, String)>,
}

impl Named {
    fn new(pattern: &Pattern) -> Result<Self, Error> {
        let text = pattern.text();
        let range = match text.split_once('{').map(|(before, rest)| (before, rest.split_once('}'))) {
            None => None,
            Some((before, found)) => {
                let range =
                    found.and_then(|(numbers, after)| Some((before.to_owned(), range(numbers)?, after.to_owned())));
                let wrong = || {
                    let expected = "numbers of layers in braces, as in blk.{0..4}.*, blk.{0..=3}.* or blk.{20..}.*";
                    Error::field("pattern", format!("`{}`", short(text, 100)), expected)
                };
                Some(range.ok_or_else(wrong)?)
            }
        };
        Ok(Self { text: text.to_owned(), pattern: pattern.clone(), range })
    }

    /// Whether it has the number of a layer.
    fn is_of_a_layer(&self) -> bool {
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        self.range.is_some() || self.text.split('.').any(digits)
    }

    /// Whether it names a weight in one of its layers, by its path or its name in files, with its layer's number or `*`.
    fn is(&self, declared: &Declared, layer: Option<u64>) -> bool {
        if let Some((before, numbers, after)) = &self.range {
            let within = layer.filter(|layer| numbers.contains(layer));
            return within.is_some_and(|at| in_files(declared, layer, &Pattern::new(&format!("{before}{at}{after}"))));
        }
        let tensor = &declared.tensor;
        let own = [Some(&tensor.path), tensor.gguf.as_ref(), tensor.hf.as_ref()];
        own.into_iter().flatten().any(|name| self.pattern.matches(name)) || in_files(declared, layer, &self.pattern)
    }
}

/// Whether a pattern is a weight's name in files.
fn in_files(declared: &Declared, layer: Option<u64>, pattern: &Pattern) -> bool {
    let names = [Naming::Gguf, Naming::Modules].into_iter().filter_map(|naming| declared.name(naming, layer));
    names.into_iter().any(|name| pattern.matches(&name))
}

/// `A..B`, `A..=B` or `A..`.
fn range(text: &str) -> Option<Range<u64>> {
    let (start, end) = text.split_once("..")?;
    let start = start.parse().ok()?;
    let end = match end.strip_prefix('=') {
        Some(last) => last.parse::<u64>().ok()?.checked_add(1)?,
        None if end.is_empty() => u64::MAX,
        None => end.parse().ok()?,
    };
    (start < end).then_some(start..end)
}
