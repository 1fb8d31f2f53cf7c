//! Conditions: what they leave out costs nothing, and a weight that nothing is left to read isn't there.

use cost_core::Options;
use cost_core::cost::{Routing, params, tensors};
use cost_core::op::Role;
use cost_core::{Error, Operator};
use cost_macros::cost;
use cost_tests::counted::agree;
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
