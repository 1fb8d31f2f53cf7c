//! `BASE[:GROUP:SCALE[:ZERO]]`, `BASE:GROUP:SCALE:GROUP:SCALE`, `BASE:GROUP+BITS` or a preset's name, read at compile time
//! or at run time.

use super::base::{BASES, Base};
use super::{Format, Group, Outer, PRESETS, Scales};
use crate::text::same;

impl Format {
    /// Reads a format: a preset (`mxfp4`, `q4_k`, …), a plain number type (`bf16`, `int8`, …), or a number type with
    /// scales: `int8:g128:f16` (a 16-bit scale for each group of 128), `fp8:b128x128:f32` (a scale for each block of 128
    /// rows by 128 elements), `int8:row:f32`, `int4:tensor:f32`. A fourth part is for zero points, `int4:g128:f16:int4`; a
    /// fourth and fifth for scales of the scales, `nf4:g64:int8:g256:f32` (for 256 scales one of 32 bits) or
    /// `fp4:g16:fp8:tensor:f32` (one for all; `row` is one for those of a row). `int4:g128+32` has 32 more bits for each group of 128, whatever is in them:
    /// 4.25 bits an element.
    ///
    /// The error says what was expected.
    pub const fn parse(text: &str) -> Result<Self, &'static str> {
        let mut i = 0;
        while i < PRESETS.len() {
            if same(PRESETS[i].0, text) {
                return Ok(PRESETS[i].1);
            }
            i += 1;
        }
        let (base, rest) = split(text.as_bytes());
        let Some(base) = find(base) else {
            return Err("a number type (bf16, f16, f32, fp8, fp4, int8, int4, …) or a preset (mxfp4, nvfp4, q4_k, …)");
        };
        match rest {
            None => Ok(Self::plain(base)),
            Some(rest) => scaled(base, rest),
        }
    }
}

/// A number type and, as text, what scales it.
const fn scaled(base: Base, text: &[u8]) -> Result<Format, &'static str> {
    let (group, rest) = split(text);
    let (group, extra) = match further(group) {
        Ok(split) => split,
        Err(expected) => return Err(expected),
    };
    let group = match group_of(group) {
        Ok(group) => group,
        Err(expected) => return Err(expected),
    };
    if extra > 0 && !matches!(group, Group::Of(_)) {
        return Err("further bits for groups of so many elements, as in int4:g128+32");
    }
    let Some(rest) = rest else {
        if extra > 0 && base.bits < 16 {
            return Ok(Format { group, extra, ..Format::plain(base) });
        }
        return Err("a scale's number type after the group, as in int8:g128:f16");
    };
    let (scale, rest) = split(rest);
    let Some(scale) = find(scale) else {
        return Err("a number type for the scale, as in int8:g128:f16");
    };
    if base.bits >= 16 {
        return Err("no scale with a number type of 16 bits or more");
    }
    let plain = Format { group, scale: Some(scale), extra, ..Format::plain(base) };
    let (zero, outer) = match rest {
        None => (None, None),
        Some(rest) => match outer(rest) {
            Ok(Some(outer)) => (None, Some(outer)),
            Ok(None) => match find(rest) {
                Some(zero) => (Some(zero), None),
                None => return Err("a number type for the zero point, as in int4:g128:f16:int4"),
            },
            Err(expected) => return Err(expected),
        },
    };
    if !(scale.is_float() || scale.is_integer() && outer.is_some()) {
        return Err("a floating-point type for the scale, as in int8:g128:f16, or a scale of the scales, as in \
             nf4:g64:int8:g256:f32");
    }
    if zero.is_some() && !base.is_integer() {
        return Err("no zero point with elements that are not integers");
    }
    Ok(Format { zero, outer, ..plain })
}

/// A scale of scales; nothing if the text doesn't begin like one.
const fn outer(text: &[u8]) -> Result<Option<Outer>, &'static str> {
    const EXPECTED: &str = "a floating-point type for the scale of the scales, as in nf4:g64:int8:g256:f32";
    let (group, rest) = split(text);
    let scales = match group_of(group) {
        Ok(Group::Of(n)) => Scales::Of(n),
        Ok(Group::Row) => Scales::Row,
        Ok(Group::Tensor) => Scales::Tensor,
        Ok(Group::Block(..)) => {
            return Err("gN, row or tensor for the scales that share a scale, as in nf4:g64:int8:g256:f32");
        }
        Err(_) => return Ok(None),
    };
    let Some(rest) = rest else { return Err(EXPECTED) };
    match find(rest) {
        Some(scale) if scale.is_float() => Ok(Some(Outer { scales, scale })),
        _ => Err(EXPECTED),
    }
}

/// A group, and the further bits that each has.
const fn further(text: &[u8]) -> Result<(&[u8], u16), &'static str> {
    let (group, extra) = split_at(text, b'+');
    match extra {
        None => Ok((group, 0)),
        Some(digits) => match size(digits) {
            Some(extra) if extra < 1 << 16 => {
                #[expect(clippy::cast_possible_truncation, reason = "less than 2^16")]
                let extra = extra as u16;
                Ok((group, extra))
            }
            _ => Err("further bits for each group, from 1 to 65535, as in int4:g128+32"),
        },
    }
}

const fn split(text: &[u8]) -> (&[u8], Option<&[u8]>) {
    split_at(text, b':')
}

const fn split_at(text: &[u8], at: u8) -> (&[u8], Option<&[u8]>) {
    let mut i = 0;
    while i < text.len() {
        if text[i] == at {
            let (head, tail) = text.split_at(i);
            return (head, Some(tail.split_at(1).1));
        }
        i += 1;
    }
    (text, None)
}

const fn find(name: &[u8]) -> Option<Base> {
    let mut i = 0;
    while i < BASES.len() {
        if bytes_same(BASES[i].name.as_bytes(), name) {
            return Some(BASES[i]);
        }
        i += 1;
    }
    None
}

const fn group_of(text: &[u8]) -> Result<Group, &'static str> {
    const EXPECTED: &str =
        "a group: gN with N from 1 to 65536 (as in int8:g128:f16), bRxC (as in fp8:b128x128:f32), row or tensor";
    if bytes_same(text, b"row") {
        return Ok(Group::Row);
    }
    if bytes_same(text, b"tensor") {
        return Ok(Group::Tensor);
    }
    let Some((kind, sizes)) = text.split_first() else { return Err(EXPECTED) };
    let mut x = 0;
    while x < sizes.len() && sizes[x] != b'x' {
        x += 1;
    }
    let (first, second) = sizes.split_at(x);
    match (*kind, size(first), second.split_first()) {
        (b'g', Some(n), None) => Ok(Group::Of(n)),
        (b'b', Some(rows), Some((_, columns))) => match size(columns) {
            Some(columns) => Ok(Group::Block(rows, columns)),
            None => Err(EXPECTED),
        },
        _ => Err(EXPECTED),
    }
}

/// A number of elements, from 1 to 65536.
const fn size(digits: &[u8]) -> Option<u32> {
    let (mut n, mut i) = (0, 0);
    while i < digits.len() {
        if i == 5 || !digits[i].is_ascii_digit() {
            return None;
        }
        n = n * 10 + (digits[i] - b'0') as u32;
        i += 1;
    }
    if n == 0 || n > 65_536 { None } else { Some(n) }
}

const fn bytes_same(a: &[u8], b: &[u8]) -> bool {
    match (core::str::from_utf8(a), core::str::from_utf8(b)) {
        (Ok(a), Ok(b)) => same(a, b),
        _ => false,
    }
}
