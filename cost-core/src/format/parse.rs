//! `BASE[:GROUP:SCALE[:ZERO]]` or a preset's name, read at compile time or at run time.

use super::base::{BASES, Base};
use super::{Format, Group, PRESETS};
use crate::text::same;

impl Format {
    /// Reads a format: a preset (`mxfp4`, `q4_k`, …), a plain number type (`bf16`, `int8`, …), or a number type with
    /// scales, `int8:g128:f16` (a 16-bit scale for each group of 128), `int8:row:f32`, `int4:tensor:f32`, and a fourth
    /// part for zero points, `int4:g128:f16:int4`.
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
        let Some(rest) = rest else {
            return Ok(Self::plain(base));
        };
        let (group, rest) = split(rest);
        let group = match group_of(group) {
            Ok(group) => group,
            Err(expected) => return Err(expected),
        };
        let Some(rest) = rest else {
            return Err("a scale's number type after the group, as in int8:g128:f16");
        };
        let (scale, rest) = split(rest);
        let Some(scale) = find(scale) else {
            return Err("a number type for the scale, as in int8:g128:f16");
        };
        if scale.is_integer() {
            return Err("a floating-point type for the scale, as in int8:g128:f16");
        }
        if base.bits >= 16 {
            return Err("no scale with a number type of 16 bits or more");
        }
        let zero = match rest {
            None => None,
            Some(zero) => match find(zero) {
                Some(zero) => Some(zero),
                None => return Err("a number type for the zero point, as in int4:g128:f16:int4"),
            },
        };
        if zero.is_some() && !base.is_integer() {
            return Err("no zero point with floating-point elements");
        }
        Ok(Self { base, group, scale: Some(scale), zero, extra: 0 })
    }
}

const fn split(text: &[u8]) -> (&[u8], Option<&[u8]>) {
    let mut i = 0;
    while i < text.len() {
        if text[i] == b':' {
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
    const EXPECTED: &str = "a group: gN with N from 1 to 65536 (as in int8:g128:f16), row or tensor";
    if bytes_same(text, b"row") {
        return Ok(Group::Row);
    }
    if bytes_same(text, b"tensor") {
        return Ok(Group::Tensor);
    }
    if text.len() < 2 || text.len() > 6 || text[0] != b'g' {
        return Err(EXPECTED);
    }
    let (mut n, mut i) = (0, 1);
    while i < text.len() {
        if !text[i].is_ascii_digit() {
            return Err(EXPECTED);
        }
        n = n * 10 + (text[i] - b'0') as u32;
        i += 1;
    }
    if n == 0 || n > 65_536 {
        return Err(EXPECTED);
    }
    Ok(Group::Of(n))
}

const fn bytes_same(a: &[u8], b: &[u8]) -> bool {
    match (core::str::from_utf8(a), core::str::from_utf8(b)) {
        (Ok(a), Ok(b)) => same(a, b),
        _ => false,
    }
}
