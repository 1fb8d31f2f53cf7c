//! Two forms of one function give the same numbers on random data, and each counts what it does.

use cost_core::cost::{Formats, Routing};
use cost_core::interpret::run;
use cost_core::op::{Op, Role};
use cost_core::{Operator, Options};
use cost_models::ops::{
    CachedStep, Dequantise, FlashAttention, FusedDequantLinear, GatedDeltaNet, GatedDeltaRule, GqaAttention,
    Mamba2Mixer, MlaAbsorbed, MlaAbsorbedAttention, MlaAbsorbedFlash, MlaAbsorbedUnfused, MlaPlain, MlaPlainAttention,
    MlaPlainFlash, MlaPlainUnfused, MlaSplitAttention, QuantisedCacheAttention, SelectiveScan, SplitAttention,
    UncachedStep, UnfusedAttention, UnfusedDequantLinear,
};
use cost_tests::counted::agree;
use cost_tests::steps::{arrays, close, decode, decoded, picked, result, sizes};
use proptest::prelude::*;

/// Runs both operators on the same arrays (by name) and compares what they return and what they count.
fn same(a: &Op<'_>, b: &Op<'_>, named: &[(&str, usize)], seed: u64) -> Result<(), String> {
    let results = [a, b].map(|op| {
        let sizes = sizes(op, named);
        agree(op, &sizes, Routing::Worst)?;
        Ok(result(op, &sizes, &arrays(op, &sizes, seed)).0)
    });
    let [a, b]: [Result<_, String>; 2] = results;
    close(&a?, &b?)
}

fn size() -> std::ops::Range<usize> {
    1..4
}

proptest! {
    #![proptest_config(cost_tests::config::tried(48))]

    #[test]
    fn tiled_and_unfused_attention_are_attention(
        (b, s, past, n, g, k, c) in (size(), size(), 0..4_usize, size(), size(), size(), size()), seed: u64,
    ) {
        let named = [("b", b), ("s", s), ("t", s + past), ("n", n), ("g", g), ("k", k), ("c", c)];
        for other in [FlashAttention::OP, UnfusedAttention::OP, QuantisedCacheAttention::OP] {
            prop_assert_eq!(same(GqaAttention::OP, other, &named, seed), Ok(()));
        }
    }

    #[test]
    fn tiled_and_unfused_latent_attention_are_latent_attention(
        (b, s, past, h, (c, k, v), p, z) in
            (size(), size(), 0..4_usize, size(), (size(), size(), size()), size(), size()),
        seed: u64,
    ) {
        let named =
            [("b", b), ("s", s), ("t", s + past), ("h", h), ("c", c), ("k", k), ("v", v), ("p", p), ("z", z)];
        for other in [MlaAbsorbedFlash::OP, MlaAbsorbedUnfused::OP] {
            prop_assert_eq!(same(MlaAbsorbedAttention::OP, other, &named, seed), Ok(()));
        }
        for other in [MlaPlainFlash::OP, MlaPlainUnfused::OP] {
            prop_assert_eq!(same(MlaPlainAttention::OP, other, &named, seed), Ok(()));
        }
    }

    #[test]
    fn a_split_cache_gives_what_the_whole_one_gives((b, j, u, n, g, k) in (size(), size(), size(), size(), size(), size()), seed: u64) {
        // One query sees the whole cache; chunks lie one behind the other in it.
        let whole = [("b", b), ("t", j * u), ("n", n), ("g", g), ("k", k)];
        let split = [("b", b), ("j", j), ("u", u), ("n", n), ("g", g), ("k", k)];
        let (whole, split) = (sizes(GqaAttention::OP, &whole), sizes(SplitAttention::OP, &split));
        let a = result(GqaAttention::OP, &whole, &arrays(GqaAttention::OP, &whole, seed)).0;
        let b = result(SplitAttention::OP, &split, &arrays(SplitAttention::OP, &split, seed)).0;
        prop_assert_eq!(close(&a, &b), Ok(()));
        prop_assert_eq!(agree(SplitAttention::OP, &split, Routing::Worst), Ok(()));
    }

    #[test]
    fn a_split_latent_cache_gives_what_the_whole_one_gives(
        (b, j, u, h, c, p) in (size(), size(), size(), size(), size(), size()), seed: u64,
    ) {
        let (whole, split) = (MlaAbsorbedAttention::OP, MlaSplitAttention::OP);
        let named = [("b", b), ("t", j * u), ("j", j), ("u", u), ("h", h), ("c", c), ("p", p)];
        let (at, of) = (sizes(whole, &named), sizes(split, &named));
        let a = result(whole, &at, &arrays(whole, &at, seed)).0;
        let b = result(split, &of, &arrays(split, &of, seed)).0;
        prop_assert_eq!(close(&a, &b), Ok(()));
        prop_assert_eq!(agree(split, &of, Routing::Worst), Ok(()));
    }

    /// The difference to the zero point and the product by the scale are two FLOPs an element.
    #[test]
    fn widening_counts_what_the_format_takes((d, f) in (size(), size())) {
        let format = "int8:tensor:f32:f32".parse().unwrap();
        let options = Options { formats: Formats { weights: Some(format), ..Formats::default() }, ..Options::default() };
        let op = Dequantise { d: d as u64, f: f as u64 };
        let sizes = [d, f];
        let outcome = run(Dequantise::OP, &sizes, &arrays(Dequantise::OP, &sizes, 1), &options, 1).unwrap();
        prop_assert_eq!(outcome.kernels[0].vector, 2 * (d * f) as u128);
        prop_assert_eq!(op.totals(&options).unwrap().flops.vector, 2 * (d * f) as u128);
    }

    #[test]
    fn widening_first_changes_nothing((b, s, d, f) in (size(), size(), size(), size()), seed: u64) {
        let named = [("b", b), ("s", s), ("d", d), ("f", f)];
        prop_assert_eq!(same(FusedDequantLinear::OP, UnfusedDequantLinear::OP, &named, seed), Ok(()));
    }

    #[test]
    fn a_cache_changes_nothing((b, t, d, n, g, k) in (size(), 1..5_usize, size(), size(), size(), size()), seed: u64) {
        let named = [("b", b), ("d", d), ("n", n), ("g", g), ("k", k)];
        let cached = decode(CachedStep::OP, &named, t, seed);
        let mut named = named.to_vec();
        named.extend([("t", t), ("s", 1)]);
        let sizes = sizes(UncachedStep::OP, &named);
        let uncached = result(UncachedStep::OP, &sizes, &arrays(UncachedStep::OP, &sizes, seed)).0;
        prop_assert_eq!(close(&cached, &uncached), Ok(()));
        prop_assert_eq!(agree(UncachedStep::OP, &sizes, Routing::Worst), Ok(()));
    }

    #[test]
    fn absorbed_and_plain_latent_attention_are_one_function(
        (b, t, d, r, c, h, k, v, p) in (size(), 1..5_usize, size(), size(), size(), size(), size(), size(), size()), seed: u64,
    ) {
        let named = [("b", b), ("d", d), ("r", r), ("c", c), ("h", h), ("k", k), ("v", v), ("p", p)];
        let absorbed = decode(MlaAbsorbed::OP, &named, t, seed);
        let plain = decode(MlaPlain::OP, &named, t, seed);
        prop_assert_eq!(close(&absorbed, &plain), Ok(()));
        let mut named = named.to_vec();
        named.extend([("t", t), ("s", 1)]);
        for op in [MlaAbsorbed::OP, MlaPlain::OP] {
            prop_assert_eq!(agree(op, &sizes(op, &named), Routing::Worst), Ok(()));
        }
    }

    /// All tokens at once give for the last, and leave in the states, what one token after the other does.
    #[test]
    fn a_recurrence_is_the_same_step_by_step(
        (b, s, d, x, y, k, h, w) in (size(), 1..6_usize, size(), size(), size(), size(), size(), size()), seed: u64,
    ) {
        let named = [("b", b), ("d", d), ("n", x), ("g", y), ("k", k), ("h", h), ("p", k), ("w", w), ("bias", 1), ("back_bias", 1)];
        for op in [SelectiveScan::OP, Mamba2Mixer::OP, GatedDeltaRule::OP, GatedDeltaNet::OP] {
            let (last, left) = decoded(op, &named, s, seed);
            let at_once = sizes(op, &[named.as_slice(), &[("s", s)]].concat());
            let (all, after) = result(op, &at_once, &arrays(op, &at_once, seed));
            prop_assert_eq!(close(&picked(&all, 1, s - 1), &last), Ok(()), "{}", op.name);
            for (i, input) in op.inputs.iter().enumerate().filter(|(_, input)| input.role == Role::State) {
                prop_assert_eq!(close(&after[i], &left[i]), Ok(()), "{} {}", op.name, input.name);
            }
        }
    }
}
