//! Query–key pairs under an operator's mask, at compile time.

use super::{Sizes, count_of, triangle};
use crate::op::{Mask, Op, Shape};

/// The elements along the axes of a shape but for some.
pub(super) const fn masked(op: &Op<'_>, given: &Sizes, sizes: &Sizes, shape: &Shape, without: &Shape) -> Option<u128> {
    let mut product: u128 = 1;
    let (s, t, masked) = match op.mask.axes() {
        Some((s, t)) => (s, t, true),
        None => (0, 0, false),
    };
    let both = masked && shape.has(s) && shape.has(t);
    let mut i = 0;
    while i < shape.rank() {
        let axis = shape.axis(i);
        let size = if without.has(axis) || both && axis == s {
            1
        } else if both && axis == t {
            some!(pairs(op, given, sizes))
        } else if masked && axis == t {
            some!(keys(op, given, sizes))
        } else {
            sizes[axis as usize]
        };
        product = some!(product.checked_mul(size));
        i += 1;
    }
    Some(product)
}

/// Positions that any query sees.
const fn keys(op: &Op<'_>, given: &Sizes, sizes: &Sizes) -> Option<u128> {
    match op.mask {
        Mask::Window { s, t, w } | Mask::Around { s, t, w } => {
            let reach = some!(sizes[s as usize].checked_add(sizes[w as usize])).saturating_sub(1);
            let t = sizes[t as usize];
            Some(if t < reach { t } else { reach })
        }
        Mask::Selected { s, t, w, block: None } => {
            let (most, t) = (some!(sizes[s as usize].checked_mul(given[w as usize])), sizes[t as usize]);
            Some(if t < most { t } else { most })
        }
        Mask::Selected { s, t, w, block: Some(block) } => {
            let (block, others) = (count_of(sizes, block), some!(given[w as usize].checked_sub(1)));
            let past = some!(sizes[t as usize].checked_sub(sizes[s as usize]));
            let before = some!(past.checked_div(block));
            let chosen = some!(sizes[s as usize].checked_mul(others));
            Some(sizes[t as usize] - before.saturating_sub(chosen) * block)
        }
        Mask::Chunked { s, t, w } | Mask::Within { s, t, w } => {
            let (t, w) = (sizes[t as usize], sizes[w as usize]);
            let past = some!(t.checked_sub(sizes[s as usize]));
            t.checked_sub(past - some!(past.checked_rem(w)))
        }
        Mask::Blocks { m, t, width, stride, .. } => {
            let (width, stride) = (count_of(sizes, width), count_of(sizes, stride));
            let ended = some!(some!(reached(sizes[t as usize], width, stride)).checked_div(stride));
            if ended > sizes[m as usize] { None } else { Some(ended) }
        }
        Mask::Causal { t, .. } => Some(sizes[t as usize]),
        Mask::None => Some(1),
    }
}

/// Query–key pairs.
const fn pairs(op: &Op<'_>, given: &Sizes, sizes: &Sizes) -> Option<u128> {
    let Some((s, t)) = op.mask.positions() else { return Some(1) };
    let (s, t) = (sizes[s as usize], sizes[t as usize]);
    let past = some!(t.checked_sub(s));
    match op.mask {
        Mask::Chunked { w, .. } => {
            let w = sizes[w as usize];
            some!(chunks(t, w)).checked_sub(some!(chunks(past, w)))
        }
        Mask::Within { w, .. } => {
            let w = sizes[w as usize];
            let (begun, rest) = (past - some!(past.checked_rem(w)), some!(past.checked_rem(w)));
            let part = if w < t - begun { w } else { t - begun };
            let all = some!(some!(parts(t, w)).checked_sub(some!(begun.checked_mul(w))));
            all.checked_sub(some!(rest.checked_mul(part)))
        }
        Mask::Window { w, .. } | Mask::Selected { w, block: None, .. } => {
            let w = given[w as usize];
            some!(upto(t, w)).checked_sub(some!(upto(past, w)))
        }
        Mask::Selected { w, block: Some(block), .. } => {
            let (block, others) = (count_of(sizes, block), some!(given[w as usize].checked_sub(1)));
            some!(chosen(t, block, others)).checked_sub(some!(chosen(past, block, others)))
        }
        Mask::Around { w, .. } => {
            let w = sizes[w as usize];
            let back = some!(some!(upto(t, w)).checked_sub(some!(upto(past, w))));
            back.checked_add(some!(upto(s.saturating_sub(1), some!(w.checked_sub(1)))))
        }
        Mask::Blocks { width, stride, .. } => {
            some!(keys(op, given, sizes));
            let (width, stride) = (count_of(sizes, width), count_of(sizes, stride));
            some!(ended(t, width, stride)).checked_sub(some!(ended(past, width, stride)))
        }
        Mask::Causal { .. } => some!(s.checked_mul(t)).checked_sub(some!(triangle(s.saturating_sub(1)))),
        Mask::None => Some(1),
    }
}

/// Σ min(p, w) for p from 1 to n.
const fn upto(n: u128, w: u128) -> Option<u128> {
    let short = if n < w { n } else { w };
    some!(triangle(short)).checked_add(some!((n - short).checked_mul(w)))
}

/// Pairs of the first n positions, each with those in its own part of w.
const fn parts(n: u128, w: u128) -> Option<u128> {
    let rest = some!(n.checked_rem(w));
    some!((n - rest).checked_mul(w)).checked_add(some!(rest.checked_mul(rest)))
}

/// Pairs of the first n positions in chunks of w: a triangle for each.
const fn chunks(n: u128, w: u128) -> Option<u128> {
    let (whole, rest) = (some!(n.checked_div(w)), some!(n.checked_rem(w)));
    some!(whole.checked_mul(some!(triangle(w)))).checked_add(some!(triangle(rest)))
}

/// Pairs of the first n positions that see their own block up to themselves and at most so many blocks before it.
const fn chosen(n: u128, block: u128, others: u128) -> Option<u128> {
    let (whole, rest) = (some!(n.checked_div(block)), some!(n.checked_rem(block)));
    let last = if whole < others { whole } else { others };
    let before = some!((some!(upto(whole, others)) - last).checked_mul(block));
    let before = some!(before.checked_add(some!(rest.checked_mul(last))));
    some!(chunks(n, block)).checked_add(some!(before.checked_mul(block)))
}

/// How far n tokens reach into blocks, as if the first had ended after a stride.
const fn reached(n: u128, width: u128, stride: u128) -> Option<u128> {
    Some(some!(n.checked_add(stride)).saturating_sub(width))
}

/// Pairs of the first n positions with blocks that have ended by theirs.
const fn ended(n: u128, width: u128, stride: u128) -> Option<u128> {
    let reached = some!(reached(n, width, stride));
    let (whole, rest) = (some!(reached.checked_div(stride)), some!(reached.checked_rem(stride)));
    let before = some!((some!(triangle(whole)) - whole).checked_mul(stride));
    before.checked_add(some!(whole.checked_mul(rest + 1)))
}
