//! What costs have to do with each other.

use cost_core::cost::{Formats, Masking, Routing, Totals, Traffic, counts, params, totals};
use cost_core::expr::{Expr, Rational};
use cost_core::format::Format;
use cost_core::op::{Op, Role};
use cost_core::{Operator, Options};
use cost_macros::cost;
use cost_models::families::decoder::{Decoder, DecoderLayer};
use cost_models::operators;
use cost_models::ops::{AroundAttention, Attention, GqaAttention, Linear, SwiGlu};
use cost_models::stack::encoder::{EncoderFrame, NarrowEncoderFrame};
use cost_models::stack::gpt::{AlibiDecoder, ProjectedDecoder};
use proptest::prelude::*;

/// Multi-head attention: every query head has a key/value head of its own.
#[cost(causal(s, t))]
fn MultiHead<b, s, t, n, k>(q: Act<b, s, n, k>, keys: Cache<b, t, n, k>, values: Cache<b, t, n, k>) -> Act<b, s, n, k> {
    dot::<t>(softmax::<t>(scale(dot::<k>(q, keys))), values)
}

/// Multi-query attention: one key/value head for all.
#[cost(causal(s, t))]
fn MultiQuery<b, s, t, g, k>(q: Act<b, s, g, k>, keys: Cache<b, t, k>, values: Cache<b, t, k>) -> Act<b, s, g, k> {
    dot::<t>(softmax::<t>(scale(dot::<k>(q, keys))), values)
}

/// Attention that reads keys and values once for each tile of `m` queries.
#[cost(causal(s, t), tile(s = m))]
fn Tiled<b, s, t, n, g, k, m>(
    q: Act<b, s, n, g, k>,
    keys: Cache<b, t, n, k>,
    values: Cache<b, t, n, k>,
) -> Act<b, s, n, g, k> {
    dot::<t>(softmax::<t>(scale(dot::<k>(q, keys))), values)
}

/// A routed feed-forward network.
#[cost]
pub(crate) fn Routed<b, s, d, f, e, top>(x: Act<b, s, d>, router: Weight<d, e>) -> Act<b, s, d> {
    let gates = softmax::<e>(dot::<d>(x, router));
    experts::<e, top>(SwiGlu { .. }(x), gates)
}

fn at(op: &impl Operator, options: &Options) -> Totals<u128> {
    op.totals(options).unwrap()
}

/// FLOPs in matrix products and in everything else.
fn flops(op: &impl Operator) -> (u128, u128) {
    let flops = at(op, &Options::default()).flops;
    (flops.matmul().unwrap(), flops.vector)
}

fn both(a: (u128, u128), b: (u128, u128)) -> (u128, u128) {
    (a.0 + b.0, a.1 + b.1)
}

/// Totals as formulas, with some axes replaced by others of the same name or by numbers.
fn formulas<O: Operator>(replaced: &dyn Fn(&str) -> Option<Expr>) -> (Expr, Expr, Traffic<Expr>) {
    let totals = totals(&O::formulas(&Options::default()).unwrap()).unwrap();
    let with = |axis: u16| replaced(O::OP.axes[usize::from(axis)]);
    let one = |formula: &Expr| formula.substitute(&with).unwrap();
    let Traffic { weights, acts_read, acts_written, cache_read, cache_written } = &totals.bits;
    let bits = Traffic {
        weights: one(weights),
        acts_read: one(acts_read),
        acts_written: one(acts_written),
        cache_read: one(cache_read),
        cache_written: one(cache_written),
    };
    (one(&totals.flops.matmul().unwrap()), one(&totals.flops.vector), bits)
}

/// An axis by its name, the same in every operator's formulas.
fn shared(name: &str) -> Option<Expr> {
    (0..).zip(["b", "s", "t", "n", "g", "k"]).find(|(_, axis)| *axis == name).map(|(index, _)| Expr::axis(index))
}

proptest! {
    #[test]
    fn decode_steps_sum_to_the_causal_prefill(
        (b, n, g, k) in (1..4_u64, 1..4_u64, 1..4_u64, 1..9_u64),
        (past, tokens, w) in (0..20_u64, 0..20_u64, 1..30_u64),
    ) {
        let all = past + tokens;
        let causal = |s, t| flops(&GqaAttention { b, s, t, n, g, k });
        let window = |s, t| flops(&Attention { b, s, t, w, n, g, k, h: k, capped: 0, sinks: 0 });
        let steps = |one: &dyn Fn(u64, u64) -> (u128, u128)| (past + 1..=all).map(|t| one(1, t)).fold((0, 0), both);
        prop_assert_eq!(steps(&causal), causal(tokens, all));
        prop_assert_eq!(steps(&window), window(tokens, all));
    }

    #[test]
    fn a_prefill_is_the_sum_of_its_chunks(first in 0..30_u64, second in 0..30_u64, w in 1..40_u64) {
        let causal = |s, t| flops(&GqaAttention { b: 2, s, t, n: 2, g: 3, k: 5 });
        let window = |s, t| flops(&Attention { b: 2, s, t, w, n: 2, g: 3, k: 5, h: 5, capped: 0, sinks: 0 });
        let all = first + second;
        prop_assert_eq!(both(causal(first, first), causal(second, all)), causal(all, all));
        prop_assert_eq!(both(window(first, first), window(second, all)), window(all, all));
    }

    /// Against the pairs one by one: query `i` of `s` is at position `t − s + i` and sees `w` positions up to its own.
    #[test]
    fn windows_leave_the_pairs_that_they_show(s in 1..12_u64, past in 0..12_u64, w in 1..26_u64) {
        let t = past + s;
        let sees = |query: u64, key: u64| key <= query && query < key + w;
        let pairs: u64 = (past..t).map(|query| (0..t).filter(|key| sees(query, *key)).count() as u64).sum();
        let keys = (0..t).filter(|key| (past..t).any(|query| sees(query, *key))).count() as u64;
        let (b, n, g, k) = (2, 3, 2, 4);
        let totals = at(&Attention { b, s, t, w, n, g, k, h: k, capped: 0, sinks: 0 }, &Options::default());
        prop_assert_eq!(totals.flops.matmul().unwrap(), u128::from(4 * b * n * g * k * pairs));
        prop_assert_eq!(totals.flops.vector, u128::from(4 * b * n * g * pairs));
        prop_assert_eq!(totals.bits.cache_read, u128::from(16 * 2 * b * n * k * keys));
        let dense = at(&Attention { b, s, t, w, n, g, k, h: k, capped: 0, sinks: 0 }, &Options { masking: Masking::Dense, ..Options::default() });
        prop_assert_eq!(dense.flops.matmul().unwrap(), u128::from(4 * b * n * g * k * s * keys));
    }

    /// The same to both sides: fewer than `w` positions away. Over whole texts that is a window's pairs and their mirror image,
    /// each query's own position once.
    #[test]
    fn windows_to_both_sides_leave_the_pairs_that_they_show(s in 1..12_u64, past in 0..12_u64, w in 1..26_u64) {
        let t = past + s;
        let sees = |query: u64, key: u64| key.abs_diff(query) < w;
        let pairs: u64 = (past..t).map(|query| (0..t).filter(|key| sees(query, *key)).count() as u64).sum();
        let keys = (0..t).filter(|key| (past..t).any(|query| sees(query, *key))).count() as u64;
        let (b, n, g, k) = (2, 3, 2, 4);
        let around = |s| AroundAttention { b, s, t, w, n, g, k, h: k, capped: 0, sinks: 0 };
        let totals = at(&around(s), &Options::default());
        prop_assert_eq!(totals.flops.matmul().unwrap(), u128::from(4 * b * n * g * k * pairs));
        prop_assert_eq!(totals.flops.vector, u128::from(4 * b * n * g * pairs));
        prop_assert_eq!(totals.bits.cache_read, u128::from(16 * 2 * b * n * k * keys));
        let window = flops(&Attention { b, s: t, t, w, n, g, k, h: k, capped: 0, sinks: 0 }).0;
        prop_assert_eq!(flops(&around(t)).0, 2 * window - u128::from(4 * b * n * g * k * t));
    }

    #[test]
    fn a_window_as_long_as_everything_is_causal(s in 1..50_u64, past in 0..50_u64, more in 0..50_u64) {
        let (b, t, n, g, k) = (2, past + s, 3, 2, 8);
        let options = Options::default();
        let (full, window) =
            (at(&GqaAttention { b, s, t, n, g, k }, &options), at(&Attention { b, s, t, w: t + more, n, g, k, h: k, capped: 0, sinks: 0 }, &options));
        prop_assert_eq!(full.flops.matmul().unwrap(), window.flops.matmul().unwrap());
        prop_assert_eq!(full.flops.vector, window.flops.vector);
        prop_assert_eq!(full.bits, window.bits);
    }

    #[test]
    fn dense_masking_counts_the_rectangle(s in 1..50_u64, past in 0..50_u64) {
        let (b, t, n, g, k) = (2, past + s, 3, 2, 8);
        let dense = Options { masking: Masking::Dense, ..Options::default() };
        let (op, pairs) = (GqaAttention { b, s, t, n, g, k }, u128::from(s * t));
        prop_assert_eq!(at(&op, &dense).flops.matmul().unwrap(), 4 * u128::from(b * n * g * k) * pairs);
        prop_assert_eq!(at(&op, &dense).flops.vector, 4 * u128::from(b * n * g) * pairs);
        prop_assert_eq!(at(&op, &dense).bits, at(&op, &Options::default()).bits);
    }

    #[test]
    fn batch_scales_activations_and_not_weights(
        b in 1..40_u64, s in 1..9_u64, past in 0..9_u64, w in 1..12_u64, (n, g, k) in (1..4_u64, 1..4_u64, 1..9_u64),
        (d, f) in (1..20_u64, 1..20_u64), grouped in any::<bool>(),
    ) {
        let layer = |b| DecoderLayer { b, s, t: past + s, w, d, n, g, k, f };
        let some = Format::known("int8:g4:f16");
        let formats = Formats { weights: Some(some), acts: Some(some), cache: Some(some), ..Formats::default() };
        let options = if grouped { Options { formats, ..Options::default() } } else { Options::default() };
        let (one, many, times) = (at(&layer(1), &options), at(&layer(b), &options), u128::from(b));
        prop_assert_eq!(many.flops.matmul().unwrap(), times * one.flops.matmul().unwrap());
        prop_assert_eq!(many.flops.vector, times * one.flops.vector);
        prop_assert_eq!(many.bits.weights, one.bits.weights);
        prop_assert_eq!(many.bits.acts_read, times * one.bits.acts_read);
        prop_assert_eq!(many.bits.acts_written, times * one.bits.acts_written);
        prop_assert_eq!(many.bits.cache_read, times * one.bits.cache_read);
        prop_assert_eq!(many.bits.cache_written, times * one.bits.cache_written);
        prop_assert_eq!(layer(b).peak(&options).unwrap(), times * layer(1).peak(&options).unwrap());
        prop_assert_eq!(layer(b).params(), layer(1).params());
    }

    #[test]
    fn more_tiles_never_mean_fewer_bytes(s in 1..60_u64, past in 0..60_u64, small in 1..70_u64, more in 0..70_u64) {
        let (b, t, n, g, k) = (2, past + s, 3, 2, 4);
        let (one, options) = (GqaAttention { b, s, t, n, g, k }, Options::default());
        let tiled = |m| at(&Tiled { b, s, t, n, g, k, m }, &options);
        let (fine, coarse) = (tiled(small), tiled(small + more));
        prop_assert!(fine.bits.total().unwrap() >= coarse.bits.total().unwrap());
        // Keys and values once for each tile; queries and results once.
        prop_assert_eq!(fine.bits.cache_read, u128::from(s.div_ceil(small) * 16 * 2 * b * t * n * k));
        prop_assert_eq!(fine.bits.acts_read, at(&one, &options).bits.acts_read);
        prop_assert_eq!(fine.flops.matmul().unwrap(), flops(&one).0);
    }

    #[test]
    fn routing_touches_at_most_the_worst_and_at_least_the_top(
        (b, s, d, f) in (1..9_u64, 1..9_u64, 1..9_u64, 1..9_u64), top in 1..9_u64, more in 0..9_u64,
    ) {
        let e = top + more;
        let op = Routed { b, s, d, f, e, top };
        let weights = |routing| at(&op, &Options { routing, ..Options::default() }).bits.weights;
        let router = 16 * u128::from(d * e);
        let expert = 16 * u128::from(3 * d * f);
        let (worst, expected) = (weights(Routing::Worst), weights(Routing::Expected));
        prop_assert!(worst >= expected && expected >= router + u128::from(top) * expert);
        prop_assert_eq!(worst, router + u128::from(e.min(top * b * s)) * expert);
        // As many as the tokens reach, or as one uses.
        for count in [e.min(top * b * s), top] {
            prop_assert_eq!(weights(Routing::Given(count)), router + u128::from(count) * expert);
        }
        // Three matrices, each rounded to whole bits.
        let distinct = e as f64 * (1.0 - (1.0 - top as f64 / e as f64).powf((b * s) as f64));
        prop_assert!((expected as f64 - router as f64 - distinct * expert as f64).abs() <= 1.5 + 1e-9 * expected as f64);
        // FLOPs follow `top`, whatever the routing.
        let matmul = |routing| at(&op, &Options { routing, ..Options::default() }).flops.matmul().unwrap();
        let product = u128::from(2 * b * s * d * e + top * 6 * b * s * d * f);
        for routing in [Routing::Worst, Routing::Expected, Routing::Given(top)] {
            prop_assert_eq!(matmul(routing), product);
        }
    }

    #[test]
    fn constants_are_what_is_counted_at_run_time(numbers in prop::collection::vec(1..2000_u64, 53)) {
        for op in operators().chain([Decoder::OP, AlibiDecoder::OP, ProjectedDecoder::OP, EncoderFrame::OP, NarrowEncoderFrame::OP, Routed::OP]) {
            let sizes = sizes(op, &numbers);
            let wide: Vec<u128> = sizes.iter().map(|size| u128::from(*size)).collect();
            let options = Options::default();
            let found = totals(&cost_core::cost::kernels(op, &wide, &options).unwrap()).unwrap().flops;
            let constant = counts(op, &sizes).unwrap();
            prop_assert_eq!((constant.matmul, constant.vector), (found.matmul().unwrap(), found.vector));
            let tensors = cost_core::cost::tensors(op, &wide, &options).unwrap();
            let counted = |part: &Option<String>| part.as_deref() != Some("buffer");
            let weights = tensors.iter().filter(|tensor| tensor.role == Role::Weight && counted(&tensor.part));
            let owned: u128 = weights.map(|tensor| tensor.elements * tensor.copies).sum();
            prop_assert_eq!(params(op, &sizes), Some(owned));
        }
    }
}

/// Sizes for an operator's axes: the numbers, with what its axes require.
pub(crate) fn sizes(op: &Op<'_>, numbers: &[u64]) -> Vec<u64> {
    let mut sizes: Vec<u64> = op.axes.iter().zip(numbers.iter().cycle()).map(|(_, number)| *number).collect();
    let at = |name: &str| op.axis_named(name).map(usize::from);
    for axis in cost_tests::conditions::conditions(op) {
        sizes[usize::from(axis)] %= 2;
    }
    for (small, large) in [("s", "t"), ("o", "s"), ("top", "e")] {
        if let (Some(small), Some(large)) = (at(small), at(large)) {
            sizes[small] = sizes[small].min(sizes[large]);
        }
    }
    sizes
}

/// The same as polynomials: f(t) − f(t − 1), where f(t) is the prefill of t tokens, is the decode step at t.
#[test]
fn decode_steps_telescope_as_formulas() {
    let prefill = |t: &Expr| {
        formulas::<GqaAttention>(&|axis| if axis == "s" || axis == "t" { Some(t.clone()) } else { shared(axis) })
    };
    let step = formulas::<GqaAttention>(&|axis| if axis == "s" { Some(Expr::int(1)) } else { shared(axis) });
    let t = shared("t").unwrap();
    let (now, before) = (prefill(&t), prefill(&t.sub(&Expr::int(1)).unwrap()));
    assert_eq!(now.0.sub(&before.0).unwrap(), step.0);
    assert_eq!(now.1.sub(&before.1).unwrap(), step.1);
    let none = prefill(&Expr::int(0));
    assert!(none.0.is_zero() && none.1.is_zero());
}

#[test]
fn multi_head_and_multi_query_are_the_ends_of_grouped_query() {
    let gqa = |one: &str| formulas::<GqaAttention>(&|axis| if axis == one { Some(Expr::int(1)) } else { shared(axis) });
    assert_eq!(gqa("g"), formulas::<MultiHead>(&shared));
    assert_eq!(gqa("n"), formulas::<MultiQuery>(&shared));
}

/// A window that is the key axis itself is no window: the formulas, too, are the causal ones.
#[test]
fn a_window_of_all_tokens_has_the_causal_formulas() {
    let window = formulas::<Attention>(&|axis| match axis {
        "w" => shared("t"),
        "h" => shared("k"),
        "capped" | "sinks" => Some(Expr::int(0)),
        axis => shared(axis),
    });
    let causal = formulas::<GqaAttention>(&shared);
    // Where the two axes only become one later, only numbers can tell.
    for sizes in [[1, 1, 9, 2, 3, 4], [2, 5, 5, 1, 1, 8]] {
        let value = |formula: &Expr| formula.value(&sizes).unwrap();
        assert_eq!(value(&window.0), value(&causal.0));
        assert_eq!(value(&window.1), value(&causal.1));
    }
}

/// `experts = 8`, `top = 2`, 2 tokens: 8·(1 − (3/4)²) = 3.5 distinct experts.
#[test]
fn expected_experts_are_exact_as_formulas() {
    let totals = totals(&Routed::formulas(&Options::default()).unwrap()).unwrap();
    let weights = totals.bits.weights.value(&[1, 2, 3, 5, 8, 2]).unwrap();
    assert_eq!(weights, Rational::int(16 * 3 * 8 + 7 * 16 * 3 * 3 * 5 / 2));
}

/// Each weight of a feed-forward network costs 2 FLOP and 1 element; the layer's own weights are read once.
#[test]
fn weights_are_read_once() {
    let traffic = at(&Linear { b: 3, s: 5, d: 7, f: 11 }, &Options::default()).bits;
    assert_eq!((traffic.weights, traffic.acts_read, traffic.acts_written), (16 * 77, 16 * 105, 16 * 165));
    assert_eq!((traffic.cache_read, traffic.cache_written), (0, 0));
}
