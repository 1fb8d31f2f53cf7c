//! Number formats: exact bits, scales included, and their text.

use cost_core::cost::{Formats, Pattern, Rounds};
use cost_core::expr::Rational;
use cost_core::format::{BASES, Base, Format, Group, PRESETS};
use cost_core::{Error, Operator, Options};
use cost_macros::cost;
use cost_models::families::decoder::DecoderLayer;
use cost_models::ops::{Linear, RmsNorm};
use proptest::prelude::*;

fn parsed(text: &str) -> Format {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn with_weights(text: &str) -> Options {
    Options { formats: Formats { weights: Some(parsed(text)), ..Formats::default() }, ..Options::default() }
}

/// Bits of a weight of `f` rows of `d` elements.
fn bits(text: &str, d: u64, f: u64) -> u128 {
    Linear { b: 1, s: 1, d, f }.totals(&with_weights(text)).unwrap().bits.weights
}

/// Bits an element where groups are full: OCP MX 1.0 for `mx…`, NVFP4's 16 elements and an E4M3 scale, `ggml-common.h`'s
/// bytes for a block of 32 or 256 elements for `q…`.
#[test]
fn bits_per_element() {
    let table: &[(&str, f64)] = &[
        ("f32", 32.0),
        ("bf16", 16.0),
        ("f16", 16.0),
        ("fp8", 8.0),
        ("int8", 8.0),
        ("int4", 4.0),
        ("mxfp4", 4.25),
        ("mxfp6", 6.25),
        ("mxfp8", 8.25),
        ("nvfp4", 4.5),
        // 18, 20, 22, 24 and 34 byte for 32 elements.
        ("q4_0", 4.5),
        ("q4_1", 5.0),
        ("q5_0", 5.5),
        ("q5_1", 6.0),
        ("q8_0", 8.5),
        // 84, 110, 144, 176 and 210 byte for 256 elements.
        ("q2_k", 2.625),
        ("q3_k", 3.4375),
        ("q4_k", 4.5),
        ("q5_k", 5.5),
        ("q6_k", 6.5625),
        // 18 byte for 128 and for 64 elements, 36 for 32, 292 for 256.
        ("q1_0", 1.125),
        ("q2_0", 2.25),
        ("q8_1", 9.0),
        ("q8_k", 9.125),
        // As the comments in `ggml-common.h` have it ("2.3125 bpw").
        ("iq1_s", 1.5625),
        ("iq1_m", 1.75),
        ("iq2_xxs", 2.0625),
        ("iq2_xs", 2.3125),
        ("iq2_s", 2.5625),
        ("iq3_xxs", 3.0625),
        ("iq3_s", 3.4375),
        ("tq1_0", 1.6875),
        ("tq2_0", 2.0625),
        // 18 byte for 32 elements, 136 for 256.
        ("iq4_nl", 4.5),
        ("iq4_xs", 4.25),
        // As `llama-quantize` of ik_llama.cpp has it ("2.1875 bpw"), and 16 or 32 bits for each row of 1024.
        ("q6_0", 6.5),
        ("q8_k_r8", 8.0625),
        ("iq1_bn", 1.625 + 0.015_625),
        ("iq2_bn", 2.0 + 0.03125),
        ("iq1_s_r4", 1.5 + 0.015_625),
        ("iq1_m_r4", 1.75 + 0.015_625),
        ("iq2_k", 2.375),
        ("iq3_k", 3.4375),
        ("iq4_k", 4.5),
        ("iq5_k", 5.5),
        ("iq6_k", 6.625),
        ("iq2_ks", 2.1875 + 0.015_625),
        ("iq2_kl", 2.6875 + 0.015_625),
        ("iq3_ks", 3.1875 + 0.015_625),
        ("iq4_kss", 4.0 + 0.03125),
        ("iq4_ks", 4.25 + 0.03125),
        ("iq5_ks", 5.25 + 0.03125),
        ("iq1_kt", 1.75 + 0.03125),
        ("iq2_kt", 2.125 + 0.03125),
        ("iq3_kt", 3.125 + 0.03125),
        ("iq4_kt", 4.0 + 0.03125),
        ("code4:g32:int8:row:f32", 4.25 + 0.03125),
        ("int8:g128:f16", 8.125),
        ("int4:g128:f16:int4", 4.15625),
        ("int4:g64:f16:f16", 4.5),
        ("int8:row:f32", 8.03125),
        ("fp8:tensor:f32", 8.007_812_5),
        // Eight blocks in one row of blocks.
        ("fp8:b128x128:f32", 8.0625),
        ("fp8:b2x128:e8m0", 8.03125),
        // 64 scales of 8 bits, and one for them.
        ("nf4:g64:int8:g256:f32", 4.132_812_5),
        ("fp4:g16:fp8:tensor:f32", 4.507_812_5),
    ];
    for (text, expected) in table {
        // 4 rows of 1024 elements: every block is full.
        assert!((bits(text, 1024, 4) as f64 / 4096.0 - expected).abs() < f64::EPSILON, "{text}: expected {expected}");
    }
    assert!(PRESETS.iter().all(|(name, _)| table.iter().any(|(text, _)| text == name)), "a preset is not in the table");
}

/// A last, partial group still has its scale; groups don't cross rows.
#[test]
fn partial_groups_have_scales() {
    for (text, d, f, expected) in [
        // Two groups: of 64 and of 36.
        ("int8:g64:f16", 100, 1, 100 * 8 + 2 * 16),
        ("int8:g64:f16", 100, 3, 3 * (100 * 8 + 2 * 16)),
        ("int8:g128:f16", 100, 3, 3 * (100 * 8 + 16)),
        ("int8:g64:f16", 1, 3, 3 * (8 + 16)),
        // Four groups, each with a scale and a zero point.
        ("int4:g32:f16:int4", 100, 1, 100 * 4 + 4 * (16 + 4)),
        ("int8:row:f16", 100, 3, 3 * (100 * 8 + 16)),
        ("int8:tensor:f16", 100, 3, 300 * 8 + 16),
        ("mxfp4", 33, 2, 2 * (33 * 4 + 2 * 8)),
        // Four groups in each row, and one scale for their scales.
        ("code4:g32:int8:row:f32", 100, 3, 3 * (100 * 4 + 4 * 8 + 32)),
        // One row of blocks by two; a last row and a last column of blocks are partial.
        ("fp8:b128x128:f32", 256, 128, 256 * 128 * 8 + 2 * 32),
        ("fp8:b128x128:f32", 257, 129, 257 * 129 * 8 + 3 * 2 * 32),
        ("fp8:b128x128:e8m0", 1, 1, 8 + 8),
        ("int4:b2x3:f16:int4", 7, 5, 7 * 5 * 4 + 3 * 3 * (16 + 4)),
        // QLoRA (arXiv:2305.14314, section 3): 8 / 64 + 32 / (64 · 256) bits for each weight.
        ("nf4:g64:int8:g256:f32", 64 * 256, 1, 64 * 256 * 4 + 256 * 8 + 32),
        // 258 scales, more than 256: groups don't cross rows, the scales of scales do.
        ("nf4:g64:int8:g256:f32", 65, 129, 65 * 129 * 4 + 258 * 8 + 2 * 32),
        ("fp4:g16:fp8:tensor:f32", 17, 3, 17 * 3 * 4 + 6 * 8 + 32),
        // What a block of 256 has besides its elements: 144·8 − 256·4 = 128 bits.
        ("q4_k", 257, 1, 257 * 4 + 2 * 128),
    ] {
        assert_eq!(bits(text, d, f), expected, "{text} over {f} rows of {d}");
    }
}

/// Rows run along what a product sums over: `d` for the query projection, all heads for the output projection; a
/// cache's run along the head size.
#[test]
fn rows_are_what_a_product_sums_over() {
    let layer = DecoderLayer { b: 1, s: 1, t: 10, w: 11, d: 100, n: 2, g: 1, k: 30, f: 7 };
    let format = parsed("int8:g64:f16");
    let formats = Formats { weights: Some(format), cache: Some(format), ..Formats::default() };
    let tensors = layer.tensors(&Options { formats, ..Options::default() }).unwrap();
    for (path, expected) in [
        ("self_attention.wq", 60 * (100 * 8 + 2 * 16)),
        ("self_attention.wo", 100 * (60 * 8 + 16)),
        ("feed_forward.gated_mlp.gate", 7 * (100 * 8 + 2 * 16)),
        ("feed_forward.gated_mlp.down", 100 * (7 * 8 + 16)),
        ("self_attention.keys", 10 * 2 * (30 * 8 + 16)),
    ] {
        let tensor = tensors.iter().find(|tensor| tensor.path == path);
        assert_eq!(tensor.map(|tensor| tensor.bits), Some(expected), "{path}");
    }
}

/// Rounds of layers: a number, and the format of their value projections.
fn layered(rounds: &[(u64, &str)]) -> Options {
    let own = |format| vec![(Pattern::new("all.layer.linear.w"), parsed(format).into())];
    let rounds =
        rounds.iter().map(|(times, format)| Rounds { place: "all".to_owned(), times: *times, own: own(format) });
    Options { formats: Formats { rounds: rounds.collect(), ..Formats::default() }, ..Options::default() }
}

/// `l` layers.
#[cost]
fn Layers<b, s, d, l>(x: Act<b, s, d>) -> Act<b, s, d> {
    let y = x;
    'all: for _ in 0..l {
        y = Layer { .. }(y);
    }
    y
}

/// A projection between two normalisations.
#[cost]
fn Layer<b, s, d>(x: Act<b, s, d>) -> Act<b, s, d> {
    let y = Linear { b, s, d, f: d }(RmsNorm { .. }(x));
    RmsNorm { .. }(y)
}

/// Layers of several formats cost what each of them does, and kernels that don't read them stay whole.
#[test]
fn rounds_of_a_loop_can_have_formats_of_their_own() {
    let of = |l| Layers { b: 1, s: 1, d: 512, l };
    let weights = |l, options: &Options| of(l).totals(options).unwrap().bits.weights;
    let mixed = layered(&[(2, "q4_k"), (3, "q6_k"), (1, "q4_k")]);
    assert_eq!(weights(6, &mixed), weights(3, &layered(&[(3, "q4_k")])) + weights(3, &layered(&[(3, "q6_k")])));
    // 512 rows of two blocks of 144 or 210 byte, and two normalisations.
    assert_eq!(weights(6, &mixed), (3 * 512 * 2 * (144 + 210) + 6 * 2 * 512 * 2) * 8);
    let kernels = of(6).kernels(&mixed).unwrap();
    let found: Vec<(&str, u128)> = kernels.iter().map(|kernel| (kernel.path.as_str(), kernel.repeat)).collect();
    let expected = [
        ("all.layer.rms_norm", 6),
        ("all.layer.linear.y", 3),
        ("all.layer.linear.y#2", 3),
        ("all.layer.rms_norm.y", 6),
    ];
    assert_eq!(found, expected);
    let formulas = Layers::formulas(&mixed).unwrap();
    for (kernel, formula) in kernels.iter().zip(&formulas) {
        let sizes = [1, 1, 512, 6];
        let value = |expr: &cost_core::expr::Expr| expr.value(&sizes).unwrap();
        let int = |n: u128| Rational::int(i128::try_from(n).unwrap());
        assert_eq!(value(&formula.bits().unwrap().weights), int(kernel.bits().unwrap().weights), "{}", kernel.path);
    }
    let tensors = of(6).tensors(&mixed).unwrap();
    let found: Vec<(String, u128)> = tensors.iter().map(|it| (it.format.to_string(), it.copies)).collect();
    let expected = [("bf16", 6), ("q4_k", 3), ("q6_k", 3), ("bf16", 6)];
    assert_eq!(found, expected.map(|(format, copies)| (format.to_owned(), copies)));
}

#[test]
fn rounds_must_be_as_many_as_the_loop_has() {
    let layers = Layers { b: 1, s: 1, d: 512, l: 6 };
    for rounds in [&[(5, "q4_k")][..], &[(7, "q4_k")], &[(3, "q4_k"), (4, "q6_k")]] {
        let error = layers.kernels(&layered(rounds)).unwrap_err().to_string();
        assert!(error.contains("rounds of its loop `all`; expected 6"), "{error}");
        assert!(layers.tensors(&layered(rounds)).is_err());
    }
}

/// A format with scales (and zero points, or scales of scales), as text.
fn composite() -> impl Strategy<Value = String> {
    let of = |wanted: fn(&Base) -> bool| {
        let names: Vec<&str> = BASES.iter().filter(|base| wanted(base)).map(|base| base.name).collect();
        prop::sample::select(names)
    };
    let (narrow, floating, any) = (of(|base| base.bits < 16), of(Base::is_float), of(|_| true));
    let group = prop_oneof![
        Just("row".to_owned()),
        Just("tensor".to_owned()),
        (1..=65_536_u32).prop_map(|n| format!("g{n}")),
        (1..300_u32, 1..300_u32).prop_map(|(rows, columns)| format!("b{rows}x{columns}")),
    ];
    let scales = prop_oneof![Just("tensor".to_owned()), (1..300_u32).prop_map(|n| format!("g{n}"))];
    let outer = (of(Base::is_integer), scales, of(Base::is_float));
    (narrow, group, floating, prop::option::of(any), prop::option::of(outer)).prop_map(
        |(base, group, scale, zero, outer)| match outer {
            Some((inner, scales, outer)) => format!("{base}:{group}:{inner}:{scales}:{outer}"),
            // Only integers have zero points.
            None => match zero.filter(|_| base.starts_with("int")) {
                Some(zero) => format!("{base}:{group}:{scale}:{zero}"),
                None => format!("{base}:{group}:{scale}"),
            },
        },
    )
}

proptest! {
    #[test]
    fn smaller_groups_never_mean_fewer_bytes(d in 1..300_u64, f in 1..9_u64, small in 1..300_u32, more in 0..300_u32) {
        let of = |n: u32| bits(&format!("int4:g{n}:f16:int4"), d, f);
        prop_assert!(of(small) >= of(small + more));
        let groups = u128::from(f * d.div_ceil(u64::from(small)));
        prop_assert_eq!(of(small), u128::from(d * f) * 4 + groups * 20);
        prop_assert!(bits("int4:row:f16:int4", d, f) <= of(small));
    }

    #[test]
    fn blocks_are_groups_of_several_rows(d in 1..300_u64, f in 1..300_u64, high in 1..99_u64, wide in 1..99_u64) {
        let blocks = u128::from(d.div_ceil(wide) * f.div_ceil(high));
        prop_assert_eq!(bits(&format!("fp8:b{high}x{wide}:f32"), d, f), u128::from(d * f) * 8 + blocks * 32);
        prop_assert_eq!(bits(&format!("fp8:b1x{wide}:f32"), d, f), bits(&format!("fp8:g{wide}:f32"), d, f));
    }

    /// The formula and the integer are one count.
    #[test]
    fn formulas_of_formats_have_the_bits(text in composite(), d in 1..999_u64, f in 1..999_u64) {
        let kernels = Linear::formulas(&with_weights(&text)).unwrap();
        let formula = kernels[0].bits().unwrap().weights.value(&[1, 1, d, f]).unwrap();
        prop_assert_eq!(formula, Rational::int(i128::try_from(bits(&text, d, f)).unwrap()));
        prop_assert_eq!(parsed(&text).bits(f.into(), d.into()), Some(bits(&text, d, f)));
    }

    #[test]
    fn formats_are_read_as_they_are_written(text in composite()) {
        let format = parsed(&text);
        prop_assert_eq!(parsed(&format.to_string()), format);
        // A preset is shown by its own name, everything else as it was given.
        let preset = PRESETS.iter().any(|(_, preset)| *preset == format);
        prop_assert!(preset || format.to_string() == text);
    }

    #[test]
    fn unknown_formats_are_errors(text in "[a-z0-9:_]{0,12}") {
        if let Ok(format) = text.parse::<Format>() {
            prop_assert_eq!(parsed(&format.to_string()), format);
        }
    }
}

#[test]
fn named_formats_are_read_as_they_are_written() {
    for name in Format::names() {
        assert_eq!(parsed(name).to_string(), name);
    }
    assert_eq!(parsed("int8:g32:f16").to_string(), "q8_0");
    assert_eq!(parsed("int8:g128:f16").group, Group::Of(128));
}

#[test]
fn wrong_formats_say_what_was_expected() {
    for (text, expected) in [
        ("int9", "did you mean `int8`?"),
        ("BF61", "did you mean `bf16`?"),
        ("", "a number type"),
        ("int8:", "a group: gN"),
        ("int8:g0:f16", "N from 1 to 65536"),
        ("int8:g65537:f16", "N from 1 to 65536"),
        ("int8:g99999999999:f16", "N from 1 to 65536"),
        ("int8:g-1:f16", "N from 1 to 65536"),
        ("fp8:b128:f32", "bRxC (as in fp8:b128x128:f32)"),
        ("fp8:b128x:f32", "bRxC"),
        ("fp8:bx128:f32", "bRxC"),
        ("fp8:b0x128:f32", "bRxC"),
        ("fp8:b128x128x128:f32", "bRxC"),
        ("fp8:g128x128:f32", "bRxC"),
        ("fp8:b128x65537:f32", "bRxC"),
        ("fp8:b128x128", "a scale's number type after the group"),
        ("nf4:g64:int8:g256", "a floating-point type for the scale of the scales"),
        ("nf4:g64:int8:g256:int8", "a floating-point type for the scale of the scales"),
        ("nf4:g64:int8:b2x2:f32", "gN, row or tensor for the scales that share a scale"),
        ("nf4:g64:int8:g256:f32:f32", "a floating-point type for the scale of the scales"),
        ("int8:g128", "a scale's number type after the group"),
        ("int8:g128:f17", "a number type for the scale"),
        ("int4:g128:f16:int", "a number type for the zero point"),
        ("int4:g128:f16:int4:f16", "a number type for the zero point"),
        ("mxfp4:g32:f16", "a number type"),
    ] {
        let error = text.parse::<Format>().expect_err(text);
        assert!(matches!(&error, Error::Format { text: found, .. } if found == text), "{text}: {error:?}");
        assert!(error.to_string().contains(expected), "{text}: {error}");
    }
}

/// 8.125 bits is 65/8: an intensity in formulas stays exact.
#[test]
fn formulas_have_exact_bits() {
    let kernels = Linear::formulas(&with_weights("int8:row:f16")).unwrap();
    let weights = kernels[0].bits().unwrap().weights;
    assert_eq!(weights.value(&[1, 1, 100, 3]).unwrap(), Rational::int(3 * (100 * 8 + 16)));
}

/// Parts of a format that make no sense together are refused.
#[test]
fn formats_that_cannot_be_combined_are_errors() {
    for (text, expected) in [
        ("int8:g128:int4", "floating-point type for the scale"),
        ("bf16:g128:f16", "no scale with a number type of 16 bits"),
        ("int8:g128:nf4", "floating-point type for the scale"),
        ("fp4:g32:f16:int4", "no zero point with elements that are not integers"),
        ("nf4:g64:f32:int4", "no zero point with elements that are not integers"),
        ("int4:g0:f16", "gN with N from 1"),
        ("mxfp4:g64:f16", "a number type"),
    ] {
        let said = Format::parse(text).unwrap_err();
        assert!(said.contains(expected), "{text}: {said}");
    }
}

#[test]
fn patterns_match_whole_paths() {
    for (pattern, path, matches) in [
        ("layer.keys", "layer.keys", true),
        ("layer.keys", "layer.keys2", false),
        ("*.keys", "layer.keys", true),
        ("*.keys", "keys", true),
        ("*.keys", "layer.keys.old", false),
        ("*", "anything", true),
        ("layer.*", "layer.wq", true),
        ("a*b*c", "a.b.c", true),
        ("a*b*c", "a.c", false),
        ("ab*ba", "aba", false),
        ("blk.*.attn_q.weight", "blk.*.attn_q.weight", true),
        ("", "keys", false),
    ] {
        assert_eq!(Pattern::new(pattern).matches(path), matches, "{pattern} on {path}");
    }
}

/// Of several exceptions that match a tensor the last decides, and what a user sets over what a model says of its own.
#[test]
fn the_last_exception_decides() {
    let list = |texts: &[(&str, &str)]| -> Vec<(Pattern, Format)> {
        texts.iter().map(|(to, text)| (Pattern::new(to), parsed(text))).collect()
    };
    let (all, one) = (("*", "int8"), ("w", "f32"));
    for (own, set, bits) in [
        (vec![], vec![all, one], 32),
        (vec![], vec![one, all], 8),
        (vec![all, one], vec![], 32),
        (vec![one, all], vec![], 8),
        (vec![one], vec![all], 8),
        (vec![all], vec![one], 32),
    ] {
        let stored = list(&own).into_iter().map(|(to, format)| (to, format.into())).collect();
        let formats = Formats { own: stored, set: list(&set), ..Formats::default() };
        let options = Options { formats, ..Options::default() };
        let found = Linear { b: 1, s: 1, d: 3, f: 5 }.totals(&options).unwrap().bits.weights;
        assert_eq!(found, bits * 15, "{own:?} {set:?}");
    }
}
