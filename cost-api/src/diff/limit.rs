//! How much a figure may change.

use super::compare::{change, grown};
use super::cost::Cost;
use crate::error::{Error, Kind, Result};
use crate::response::{Beyond, Change, Value};

/// A limit: `FIGURE > BOUND` or `FIGURE < BOUND`, what is too much.
pub(super) struct Limit {
    text: String,
    /// The figure's name, after a phase or without one.
    figure: String,
    above: bool,
    bound: Bound,
}

#[derive(Clone, Copy)]
enum Bound {
    /// Of the share by which it grew: `+1%`.
    Share(f64),
    /// Of that by which it grew: `+1G`.
    Growth(f64),
    /// Of the figure as it is: `80G`.
    Figure(f64),
}

impl Limit {
    /// Reads a limit as `--fail-on` gives it.
    pub(super) fn read(text: &str) -> Result<Self> {
        let wrong = || {
            let expected = "FIGURE > LIMIT or FIGURE < LIMIT, with a limit such as +1%, -5%, +2G or 80G";
            Error::found("fail-on", format_args!("`{}`", cost_core::text::short(text, 100)), expected)
        };
        let at = text.find(['>', '<']).ok_or_else(wrong)?;
        let (figure, bound) = (text[..at].trim(), text[at + 1..].trim());
        if figure.is_empty() {
            return Err(wrong());
        }
        Ok(Self {
            text: text.trim().to_owned(),
            figure: figure.strip_suffix(".total").unwrap_or(figure).to_owned(),
            above: text.as_bytes()[at] == b'>',
            bound: Bound::read(bound).ok_or_else(wrong)?,
        })
    }

    /// Where the limit is passed. An error if there is no such figure in any of the pairs.
    pub(super) fn beyond(&self, pairs: &[(Cost, Cost)]) -> Result<Vec<Beyond>> {
        let mut known: Vec<String> = Vec::new();
        let mut named = false;
        let mut beyond = Vec::new();
        for (old, new) in pairs {
            for (name, is) in new.figures.iter().filter(|(_, value)| value.number().is_some()) {
                let full = new.phase().map_or_else(|| name.clone(), |phase| format!("{phase}.{name}"));
                if self.figure != *name && self.figure != full {
                    known.push(full);
                    continue;
                }
                named = true;
                let was = old.figures.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
                let change = change(&full, was, Some(is.clone()));
                if self.passed(&change) {
                    beyond.push(Beyond { limit: self.text.clone(), of: new.of.clone(), change });
                }
            }
        }
        if named || pairs.is_empty() { Ok(beyond) } else { Err(self.unknown(&mut known)) }
    }

    fn passed(&self, of: &Change) -> bool {
        let grown = grown(of.old.as_ref().or(Some(&Value::Whole(0))), of.new.as_ref()).unwrap_or(0.0);
        let (found, bound) = match self.bound {
            // Of what was nothing any growth is more than any share.
            Bound::Share(bound) => (of.change.unwrap_or(if grown == 0.0 { 0.0 } else { grown * f64::INFINITY }), bound),
            Bound::Growth(bound) => (grown, bound),
            Bound::Figure(bound) => (of.new.as_ref().and_then(Value::number).unwrap_or(0.0), bound),
        };
        if self.above { found > bound } else { found < bound }
    }

    fn unknown(&self, known: &mut Vec<String>) -> Error {
        known.sort();
        known.dedup();
        let bare = known.iter().filter_map(|name| name.split_once('.')).map(|(_, rest)| rest);
        let nearest = cost_core::nearest(&self.figure, known.iter().map(String::as_str).chain(bare)).map(str::to_owned);
        let expected = match &nearest {
            _ if known.is_empty() => "none: only formulas are compared; give sizes with --at".to_owned(),
            Some(near) => format!("a figure; did you mean `{near}`?"),
            None => format!("one of {}", known.join(", ")),
        };
        let found = format!("the figure `{}`", cost_core::text::short(&self.figure, 100));
        Error { kind: Kind::Request, ..Error::found("fail-on", found, expected) }.near(nearest.as_deref())
    }
}

impl Bound {
    fn read(text: &str) -> Option<Self> {
        let (text, share) = match text.strip_suffix('%') {
            Some(text) => (text.trim(), true),
            None => (text.strip_suffix('B').unwrap_or(text).trim(), false),
        };
        let signed = text.starts_with(['+', '-']);
        let scale = [('k', 1e3), ('M', 1e6), ('G', 1e9), ('T', 1e12), ('P', 1e15)];
        let scaled = scale.iter().find_map(|(prefix, scale)| Some((text.strip_suffix(*prefix)?.trim(), *scale)));
        let (digits, scale) = scaled.filter(|_| !share).unwrap_or((text, 1.0));
        // `inf` and `nan` are numbers to Rust.
        let number = digits.parse::<f64>().ok().filter(|number| number.is_finite())? * scale;
        Some(match (share, signed) {
            (true, _) => Self::Share(number / 100.0),
            (false, true) => Self::Growth(number),
            (false, false) => Self::Figure(number),
        })
    }
}
