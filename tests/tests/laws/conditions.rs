//! Conditions: what they leave out costs nothing, and a weight that nothing is left to read isn't there.

use cost_core::Options;
use cost_core::cost::{Routing, params, tensors};
use cost_core::op::Role;
use cost_core::{Error, Operator};
use cost_macros::cost;
use cost_tests::counted::{agree, most_agrees};
use proptest::prelude::*;

/// A product with a shift where `shifted` is 1.
#[cost]
fn Scale<b, d, shifted>(x: Act<b, d>, weight: Weight<d>, shift: Weight<d>) -> Act<b, d> {
    let y = x * weight;
    if shifted {
        y = y + shift;
    }
    y
}

/// A network that is scaled before it or, with `post`, after it, or not at all.
#[cost]
fn Around<b, d, f, scaled, shifted, post>(
    x: Act<b, d>,
    weight: Weight<d>,
    shift: Weight<d>,
    up: Weight<d, f>,
    down: Weight<f, d>,
) -> Act<b, d> {
    let h = x;
    if scaled {
        if !post {
            h = Scale { .. }(x, weight, shift);
        }
    }
    let y = dot::<f>(relu(dot::<d>(h, up)), down);
    if scaled {
        if post {
            y = Scale { .. }(y, weight, shift);
        }
    }
    y
}

proptest! {
    #[test]
    fn a_weight_is_there_if_something_reads_it(
        (b, d, f) in (1..5_u64, 1..5_u64, 1..5_u64), (scaled, shifted, post) in (0..2_u64, 0..2_u64, 0..2_u64),
    ) {
        let op = Around { b, d, f, scaled, shifted, post };
        let expected = u128::from(2 * d * f + scaled * (1 + shifted) * d);
        prop_assert_eq!(op.params(), expected);
        let sizes: Vec<u128> = op.given().into_iter().map(u128::from).collect();
        let owned = tensors(Around::OP, &sizes, &Options::default()).unwrap();
        let weights = owned.iter().filter(|tensor| tensor.role == Role::Weight);
        prop_assert_eq!(weights.map(|tensor| tensor.elements * tensor.copies).sum::<u128>(), expected);
        let read = op.totals(&Options::default()).unwrap().bits.weights;
        prop_assert_eq!(read, 16 * expected);
        let sizes: Vec<usize> = op.given().into_iter().map(|size| usize::try_from(size).unwrap()).collect();
        let result = agree(Around::OP, &sizes, Routing::Worst);
        prop_assert!(result.is_ok(), "{}", result.unwrap_err());
    }
}

#[test]
fn a_condition_is_0_or_1() {
    for (scaled, post) in [(2, 0), (1, 2)] {
        let op = Around { b: 1, d: 1, f: 1, scaled, shifted: 0, post };
        let found = op.kernels(&Options::default());
        assert!(matches!(found, Err(Error::Condition { .. } | Error::Negative { .. })), "{scaled} {post}: {found:?}");
        assert_eq!(params(Around::OP, &op.given()), None);
    }
}

/// What follows is another kernel.
#[cost]
fn Next<b>(x: Act<b>) -> Act<b> {
    exp(x)
}

/// A variable that two conditions in a row change, of what is in memory already.
#[cost]
fn Chain<b, p, q>(x: Act<b>, w: Weight<b>) -> Act<b> {
    let y = x;
    if p {
        y = y + w;
    }
    let u = silu(y);
    if q {
        y = tanh(y + w);
    }
    Next { b }(u) + y
}

/// Two variables of one value, which is left to the next kernels by those names only.
#[cost]
fn Fork<b, p, q, r>(x: Act<b>) -> Act<b> {
    let z = exp(x);
    let y = z;
    if p {
        y = tanh(y);
    }
    let v = z;
    if q {
        v = tanh(v);
    }
    if r {
        v = silu(v);
    }
    Next { b }(y) + Next { b }(v)
}

/// The same beside the value itself.
#[cost]
fn Beside<b, p>(x: Act<b>) -> Act<b> {
    let z = exp(x);
    let y = z;
    if p {
        y = tanh(y);
    }
    Next { b }(z) + Next { b }(y)
}

/// Checks how many values of `b` elements the first kernel writes.
fn writes<O: Operator>(op: &O, values: u64) {
    let sizes: Vec<usize> = op.given().into_iter().map(|size| usize::try_from(size).unwrap()).collect();
    assert_eq!(agree(O::OP, &sizes, Routing::Worst), Ok(()), "{} at {sizes:?}", O::OP.name);
    assert_eq!(most_agrees(O::OP, &sizes), Ok(()), "{} at {sizes:?}", O::OP.name);
    let kernels = op.kernels(&Options::default()).unwrap();
    let written = kernels[0].operands.iter().filter(|it| it.written).map(|it| it.bits).sum::<u128>();
    assert_eq!(written, u128::from(16 * 5 * values), "{} at {sizes:?}", O::OP.name);
}

#[test]
fn a_value_under_several_names_is_written_once() {
    for (p, q) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
        // `u`, and `y` unless it still is `x`.
        writes(&Chain { b: 5, p, q }, 1 + (p | q));
        for r in [0, 1] {
            // `y` and `v`, which are one if neither has changed.
            writes(&Fork { b: 5, p, q, r }, 1 + (p | q | r));
        }
    }
    writes(&Beside { b: 5, p: 0 }, 1);
    writes(&Beside { b: 5, p: 1 }, 2);
}
