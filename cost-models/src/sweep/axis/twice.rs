//! Values that an axis has twice, whose rows would be there twice, too.

use std::collections::HashSet;

use super::{Next, Range};

/// Most ranges of equal steps, each of which is held against each.
const MOST: usize = 256;

/// A value that two ranges have; otherwise what is wrong.
pub(super) fn twice(ranges: &[Range]) -> Result<Option<u64>, &'static str> {
    let many = |range: &&Range| range.count > 1 && matches!(range.next, Next::Plus(_));
    let (spans, few): (Vec<&Range>, Vec<&Range>) = ranges.iter().partition(many);
    if spans.len() > MOST {
        return Err("at most 256 ranges beside single values");
    }
    let mut known = HashSet::new();
    for value in few.iter().flat_map(|range| (0..range.count).map(|place| range.value(place))) {
        if !known.insert(value) || spans.iter().any(|span| span.has(value)) {
            return Ok(Some(value));
        }
    }
    let mut pairs = spans.iter().enumerate().flat_map(|(i, a)| spans[..i].iter().map(move |b| (*a, *b)));
    Ok(pairs.find_map(|(a, b)| common(a, b)))
}

impl Range {
    /// How far apart its values are.
    const fn step(&self) -> u64 {
        match self.next {
            Next::Plus(step) | Next::Times(step) => step,
        }
    }

    fn last(&self) -> u64 {
        self.value(self.count - 1)
    }

    /// Whether a range of equal steps has a value.
    fn has(&self, value: u64) -> bool {
        value.checked_sub(self.first).is_some_and(|more| more.is_multiple_of(self.step())) && value <= self.last()
    }
}

/// The smallest value that two ranges of equal steps have in common.
fn common(a: &Range, b: &Range) -> Option<u64> {
    let (a, b) = if a.first >= b.first { (a, b) } else { (b, a) };
    // The first place of `a` whose value is one of `b`'s: place · step ≡ b.first − a.first, by b's step.
    let (step, modulus) = (i128::from(a.step()), i128::from(b.step()));
    let (divisor, inverse) = euclid(step, modulus);
    let apart = i128::from(b.first) - i128::from(a.first);
    if apart % divisor != 0 {
        return None;
    }
    let modulus = modulus / divisor;
    // Both are below 2^64.
    let below = |n: i128| n.rem_euclid(modulus).unsigned_abs();
    let place = below(apart / divisor) * below(inverse) % modulus.unsigned_abs();
    let value = place.checked_mul(step.unsigned_abs())?.checked_add(u128::from(a.first))?;
    Some(u64::try_from(value).ok()?).filter(|value| *value <= a.last().min(b.last()))
}

/// The greatest common divisor of two numbers, and what the first one must be multiplied by to be it, by the second.
fn euclid(a: i128, b: i128) -> (i128, i128) {
    let (mut rest, mut next, mut factor, mut other) = (a, b, 1, 0);
    while next != 0 {
        let quotient = rest / next;
        (rest, next) = (next, rest - quotient * next);
        (factor, other) = (other, factor - quotient * other);
    }
    (rest, factor)
}
