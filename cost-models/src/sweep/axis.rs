//! Values that an axis takes: lists and ranges, as they are written on a command line.

mod twice;

use core::fmt;
use core::str::FromStr;

use super::error::Error;

/// The values of an axis, in order: `4096`, `1,2,8`, `0..=131072:4096` (every 4096th), `1..=512:*2` (doubling), or
/// several of them with commas in between. Only how to count them is kept, so a range takes no memory for its values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Axis {
    ranges: Vec<Range>,
}

/// Whole numbers below this are exact in floating point, and sizes have to be.
pub(super) const EXACT: u64 = 1 << 53;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Range {
    first: u64,
    next: Next,
    count: u64,
    /// How many values the ranges before it have.
    before: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    Plus(u64),
    Times(u64),
}

impl Axis {
    /// One value.
    pub fn one(value: u64) -> Self {
        Self { ranges: vec![Range { first: value, next: Next::Plus(1), count: 1, before: 0 }] }
    }

    /// How many values there are.
    pub fn len(&self) -> u64 {
        self.ranges.last().map_or(0, |range| range.before.saturating_add(range.count))
    }

    /// Whether there are none; there is always one.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The only value, if there is just one.
    pub fn only(&self) -> Option<u64> {
        match self.ranges.as_slice() {
            [Range { first, count: 1, .. }] => Some(*first),
            _ => None,
        }
    }

    /// The smallest value.
    pub fn smallest(&self) -> u64 {
        self.ranges.iter().map(|range| range.first).min().unwrap_or_default()
    }

    /// The largest value.
    pub fn largest(&self) -> u64 {
        self.ranges.iter().map(|range| range.value(range.count - 1)).max().unwrap_or_default()
    }

    /// The values from a place on.
    pub fn from(&self, place: u64) -> impl Iterator<Item = u64> + '_ {
        let passed = self.ranges.partition_point(|range| range.before <= place).saturating_sub(1);
        self.ranges[passed..].iter().flat_map(move |range| {
            let skipped = place.saturating_sub(range.before).min(range.count);
            (skipped..range.count).map(move |i| range.value(i))
        })
    }
}

impl Range {
    /// The value at a place, which is in the range.
    #[inline]
    fn value(&self, place: u64) -> u64 {
        match self.next {
            Next::Plus(step) => self.first + step * place,
            // A range of powers has at most 64 values.
            Next::Times(factor) => u32::try_from(place).map_or(u64::MAX, |place| self.first * factor.pow(place)),
        }
    }

    /// A value or a range; otherwise what was expected.
    fn parse(text: &str) -> Result<Self, &'static str> {
        let Some((first, rest)) = text.split_once("..") else {
            let first = number(text)?;
            return Ok(Self { first, next: Next::Plus(1), count: 1, before: 0 });
        };
        let (last, next) = rest.split_once(':').unwrap_or((rest, "1"));
        let next = match next.trim().strip_prefix('*') {
            Some(factor) => {
                Next::Times(Some(number(factor)?).filter(|factor| *factor > 1).ok_or("a factor of at least 2")?)
            }
            None => Next::Plus(Some(number(next)?).filter(|step| *step > 0).ok_or("a step of at least 1")?),
        };
        let first = number(first)?;
        let last = match last.strip_prefix('=') {
            Some(last) => Some(number(last)?),
            None => number(last)?.checked_sub(1),
        };
        let span = last.and_then(|last| last.checked_sub(first)).ok_or("a range that has values")?;
        let count = match next {
            Next::Plus(step) => (span / step).checked_add(1).ok_or("fewer than 2^64 values")?,
            Next::Times(_) if first == 0 => return Err("a first value of at least 1, as 0 times anything stays 0"),
            Next::Times(factor) => 1 + u64::from(((first + span) / first).ilog(factor)),
        };
        // One value has no next one.
        let next = if count == 1 { Next::Plus(1) } else { next };
        Ok(Self { first, next, count, before: 0 })
    }
}

/// A whole number; thousands may be apart, as in `131_072`.
fn number(text: &str) -> Result<u64, &'static str> {
    text.trim()
        .replace('_', "")
        .parse()
        .map_err(|_| "a whole number or a range such as 0..=131072:4096 (every 4096th) or 1..=512:*2 (doubling)")
}

impl FromStr for Axis {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let wrong = |part: &str, expected| Error::Axis { text: text.to_owned(), part: part.to_owned(), expected };
        let mut before: u64 = 0;
        let ranges = text.split(',').map(|part| {
            let part = part.trim();
            let range = Range::parse(part).map_err(|expected| wrong(part, expected))?;
            let range = Range { before, ..range };
            before = before.saturating_add(range.count);
            Ok(range)
        });
        let ranges = ranges.collect::<Result<Vec<Range>, Error>>()?;
        match twice::twice(&ranges) {
            Ok(None) => Ok(Self { ranges }),
            Ok(Some(value)) => Err(wrong(&value.to_string(), "each value once, and it is there twice")),
            Err(expected) => Err(wrong(text, expected)),
        }
    }
}

/// The text that reads back as the same values.
impl fmt::Display for Axis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, range) in self.ranges.iter().enumerate() {
            let comma = if i > 0 { "," } else { "" };
            let (first, last) = (range.first, range.value(range.count - 1));
            match range.next {
                _ if range.count == 1 => write!(f, "{comma}{first}")?,
                Next::Plus(1) => write!(f, "{comma}{first}..={last}")?,
                Next::Plus(step) => write!(f, "{comma}{first}..={last}:{step}")?,
                Next::Times(factor) => write!(f, "{comma}{first}..={last}:*{factor}")?,
            }
        }
        Ok(())
    }
}
