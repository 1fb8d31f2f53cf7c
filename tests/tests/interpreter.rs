//! Derived costs equal what the reference interpreter counts, on random operators and on the declared ones.

use cost_core::Operator;
use cost_core::cost::Routing;
use cost_core::interpret::{Counted, inputs, run};
use cost_core::op::{Op, Role};
use cost_macros::cost;
use cost_models::families::decoder::Decoder;
use cost_models::operators;
use cost_models::stack::encoder::{EncoderFrame, NarrowEncoderFrame};
use cost_models::stack::gpt::{AlibiDecoder, ProjectedDecoder};
use cost_tests::conditions::conditions;
use cost_tests::counted::{agree, in_elements, most_agrees};
use cost_tests::random::cases;
use proptest::prelude::*;

proptest! {
    #![proptest_config(cost_tests::config::tried(1500))]

    #[test]
    fn derived_counts_equal_counted_ones(case in cases()) {
        // Token i goes to experts i, i + 1, …: the worst case for the number of distinct ones.
        let result = agree(case.op, &case.sizes, Routing::Worst);
        prop_assert!(result.is_ok(), "{}", result.unwrap_err());
    }

    #[test]
    fn the_most_in_memory_is_what_is_measured(case in cases()) {
        let result = most_agrees(case.op, &case.sizes);
        prop_assert!(result.is_ok(), "{}", result.unwrap_err());
    }
}

/// Sizes for a declared operator from random numbers, with what its axes require.
fn sizes(op: &Op<'_>, numbers: &[usize]) -> Vec<usize> {
    let conditions = conditions(op);
    let mut sizes: Vec<usize> = op
        .axes
        .iter()
        .zip(numbers.iter().cycle())
        .enumerate()
        .map(
            |(i, (_, number))| {
                if conditions.iter().any(|axis| usize::from(*axis) == i) { number % 2 } else { 1 + number % 3 }
            },
        )
        .collect();
    let at = |name: &str| op.axis_named(name).map(usize::from);
    if let (Some(s), Some(t)) = (at("s"), at("t")) {
        sizes[t] = sizes[s] + numbers[t] % 3;
    }
    // Of one position a tap sees padding alone, and isn't read.
    if let (Some(s), "MelFront") = (at("s"), op.name) {
        sizes[s] += 1;
    }
    if let (Some(e), Some(top)) = (at("e"), at("top")) {
        sizes[top] = sizes[top].min(sizes[e]);
    }
    if let (Some(s), Some(o)) = (at("s"), at("o")) {
        sizes[o] = sizes[o].min(sizes[s]);
    }
    // Weights of a convolution that meet padding at every position, as at a single one, are read by the derivation alone.
    if let (Some(src), Some(_)) = (at("src"), at("frames")) {
        sizes[src] += 1;
    }
    sizes
}

/// The architectures, besides the operators that can be asked for by name.
const ARCHITECTURES: [&Op<'static>; 5] =
    [Decoder::OP, AlibiDecoder::OP, ProjectedDecoder::OP, EncoderFrame::OP, NarrowEncoderFrame::OP];

proptest! {
    #![proptest_config(cost_tests::config::tried(24))]

    #[test]
    fn declared_operators_count_what_they_do(numbers in prop::collection::vec(0_usize..60, 53)) {
        for op in operators().chain(ARCHITECTURES) {
            let sizes = sizes(op, &numbers);
            // Experts that attend: the interpreter hands them their tokens without their places, and can't mask them.
            if op.name == "MixtureAttention" {
                continue;
            }
            let result = agree(op, &sizes, Routing::Worst).and_then(|()| most_agrees(op, &sizes));
            prop_assert!(result.is_ok(), "{} at {sizes:?}: {}", op.name, result.unwrap_err());
        }
    }
}

#[cost]
fn Norm<b, d>(x: Act<b, d>, weight: Weight<d>) -> Act<b, d> {
    rms_norm::<d>(x) * weight
}

#[cost]
fn Nest<b, d, outer, other, inner, last>(x: Act<b, d>) -> Act<b, d> {
    let y = x;
    if outer {
        if other {
            y = Norm { b, d }(x);
        } else {
            if inner {
                y = store(rms_norm::<d>(x));
            } else {
                y = Norm { b, d }(x);
            }
        }
    }
    let z = x;
    if last {
        z = Norm { b, d }(y);
    } else {
        z = Norm { b, d }(y);
    }
    let sum = x + z;
    sum
}

/// Conditions within conditions, one after the other, before any kernel has run.
#[test]
fn memory_of_conditions_within_conditions() {
    for flags in 0..16 {
        let sizes = [2, 3, flags & 1, flags >> 1 & 1, flags >> 2 & 1, flags >> 3 & 1];
        let result = agree(Nest::OP, &sizes, Routing::Worst).and_then(|()| most_agrees(Nest::OP, &sizes));
        assert!(result.is_ok(), "{sizes:?}: {}", result.unwrap_err());
    }
}

#[cost]
fn Two<b, d, f>(x: Act<b, d>, common: Weight<d, f>, own: Weight<f, d>) -> Act<b, d> {
    dot::<f>(dot::<d>(x, common), own)
}

#[cost]
fn Mix<b, d, f, e, top>(x: Act<b, d>, common: Weight<d, f>) -> Act<b, d> {
    experts::<e, top>(Two { .. }(x, common))
}

/// One matrix for each expert, of a tensor that holds all of them.
#[cost]
fn Stacked<b, d, f, e, top>(x: Act<b, d>, all: Weight<e, d, f>) -> Act<b, d> {
    experts::<e, top>(Two { .. }(x, all))
}

#[cost]
fn AroundStacked<b, d, f, e, top>(x: Act<b, d>, all: Weight<e, d, f>) -> Act<b, d> {
    Stacked { .. }(x, all)
}

#[cost]
fn Net<b, d, f>(x: Act<b, d>) -> Act<b, d> {
    Two { .. }(x)
}

#[cost]
fn Nested<b, d, f, e, top>(x: Act<b, d>) -> Act<b, d> {
    experts::<e, top>(Net { .. }(x))
}

#[cost]
fn Biased<b, d, f>(x: Act<b, d>, up: Weight<d, f>, bias: Weight<f>, down: Weight<f, d>) -> Act<b, d> {
    dot::<f>(dot::<d>(x, up) + bias, down)
}

#[cost]
fn Deep<b, d, f>(x: Act<b, d>) -> Act<b, d> {
    BiasedNet { .. }(x)
}

#[cost]
fn BiasedNet<b, d, f>(x: Act<b, d>) -> Act<b, d> {
    Biased { .. }(x)
}

#[cost]
fn Deepest<b, d, f, e, top>(x: Act<b, d>) -> Act<b, d> {
    experts::<e, top>(Deep { .. }(x))
}

/// By hand: matrices of 15 elements, one of which all experts are given or both of which each has.
#[test]
fn weights_of_experts() {
    for (op, sizes, weights) in [
        // 15 once and 15 for each of 4 experts; 30 for each of 4.
        (Mix::OP, [4, 3, 5, 4, 2], 75),
        (Nested::OP, [4, 3, 5, 4, 2], 120),
        // Of a tensor of four matrices a slice for each, and another of its own.
        (Stacked::OP, [4, 3, 5, 4, 2], 120),
        (AroundStacked::OP, [4, 3, 5, 4, 2], 120),
        // Two tokens touch no more than two slices.
        (Stacked::OP, [2, 3, 5, 8, 1], 60),
        // Two tokens go through one expert each.
        (Nested::OP, [2, 3, 5, 8, 1], 60),
        // The bias has no axis `d`, but those of the matrices beside it say that `d` is none of the tokens'.
        (Deepest::OP, [2, 3, 5, 8, 1], 70),
    ] {
        assert_eq!(agree(op, &sizes, Routing::Worst), Ok(()), "{}", op.name);
        let kernels = run(op, &sizes, &inputs(op, &sizes, 1), &in_elements(), 2).unwrap().kernels;
        let read = |kernel: &Counted| kernel.loaded.get(&Role::Weight).copied().unwrap_or_default();
        assert_eq!(kernels.iter().map(read).sum::<u128>(), weights, "{}", op.name);
    }
}

#[cost]
fn Remembered<b, s, d>(x: Act<b, s, d>, memory: State<b, d>) -> Act<b, s, d> {
    x * before::<s>(memory)
}

#[cost]
fn Around<b, s, d>(x: Act<b, s, d>) -> Act<b, s, d> {
    Remembered { .. }(x)
}

#[cost]
fn Memories<b, s, d, e, top>(x: Act<b, s, d>) -> Act<b, s, d> {
    experts::<e, top>(Around { .. }(x))
}

/// Each sequence's part of the states of the experts that its own tokens reach, and no other: of 2 sequences 3 tokens and 5
/// elements each.
#[test]
fn states_of_experts() {
    let sizes = [2, 3, 5, 8, 1];
    assert_eq!(agree(Memories::OP, &sizes, Routing::Worst), Ok(()));
    let kernels = run(Memories::OP, &sizes, &inputs(Memories::OP, &sizes, 1), &in_elements(), 2).unwrap().kernels;
    let read = |kernel: &Counted| kernel.loaded.get(&Role::State).copied().unwrap_or_default();
    assert_eq!(kernels.iter().map(read).sum::<u128>(), 2 * 3 * 5);
}

/// Experts with room for `c` tokens each.
#[cost]
fn Crowded<b, d, f, e, top, c>(x: Act<b, d>, all: Weight<e, d, f>, gates: Act<b, e>) -> Act<b, d> {
    experts::<e, top>(Stored { .. }(x, all), gates, capacity = c)
}

#[cost]
fn Stored<b, d, f>(x: Act<b, d>, own: Weight<d, f>, other: Weight<f, d>) -> Act<b, d> {
    x * dot::<f>(store(dot::<d>(x, own)), other)
}

/// With more room than tokens, with less, and with as much.
#[test]
fn experts_have_room_for_a_number_of_tokens() {
    for (tokens, count) in (1..6).flat_map(|tokens| (1..6).map(move |count| (tokens, count))) {
        for (top, rows) in (1..=count).flat_map(|top| (1..5).map(move |rows| (top, rows))) {
            let sizes = [tokens, 2, 3, count, top, rows];
            let result = agree(Crowded::OP, &sizes, Routing::Expected).and_then(|()| most_agrees(Crowded::OP, &sizes));
            assert_eq!(result, Ok(()), "{sizes:?}");
        }
    }
}
