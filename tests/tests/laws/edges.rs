//! Edges: counts near the limits of their types, expressions that may be negative.

use cost_core::cost::{Routing, totals};
use cost_core::expr::{Expr, Notation, Rational};
use cost_core::{Error, Operator, Options};
use cost_macros::cost;
use cost_models::ops::{Linear, SwiGlu};
use cost_models::{Workload, catalogue};

/// A routed feed-forward network.
#[cost]
fn Routed<b, s, d, f, e, top>(x: Act<b, s, d>, router: Weight<d, e>) -> Act<b, s, d> {
    let gates = softmax::<e>(dot::<d>(x, router));
    experts::<e, top>(SwiGlu { .. }(x), gates)
}

/// A routed projection.
#[cost]
fn RoutedLinear<b, s, d, f, e, top>(x: Act<b, s, d>) -> Act<b, s, f> {
    experts::<e, top>(Linear { .. }(x))
}

/// Axes may come out negative inside `min` and `max` (`s − t`): `max(min(0, b − t), 0)` at b = 1, t = 2 is 0, and the
/// outer `max` must not be dropped because "everything is at least zero".
#[test]
fn comparisons_of_what_may_be_negative_are_kept() {
    let [zero, b, t] = [Expr::int(0), Expr::axis(0), Expr::axis(1)];
    let least = zero.smaller(&b.sub(&t).unwrap()).unwrap();
    assert_eq!(least.larger(&zero).unwrap().value(&[1, 2]), Ok(Rational::ZERO));
    assert_eq!(least.smaller(&zero).unwrap().value(&[1, 2]), Ok(Rational::int(-1)));
}

/// −2·max(a, b) is no more than −2·a, so the larger of the two is −2·a; and the smaller of a and min(a, b) is min(a, b).
#[test]
fn extremes_of_extremes_are_what_they_are_worth() {
    let [a, b] = [Expr::axis(0), Expr::axis(1)];
    let twice = |of: &Expr| of.scaled(Rational::int(-2)).unwrap();
    let found = twice(&a.larger(&b).unwrap()).larger(&twice(&a)).unwrap();
    assert_eq!(found.value(&[1, 3]), Ok(Rational::int(-2)));
    let found = twice(&a.smaller(&b).unwrap()).smaller(&twice(&a)).unwrap();
    assert_eq!(found.value(&[3, 1]), Ok(Rational::int(-6)));
    let least = a.smaller(&b).unwrap();
    assert_eq!((a.smaller(&least), least.smaller(&b)), (Ok(least.clone()), Ok(least)));
}

/// 8·(1 − (3/4)²) = 3.5 distinct experts: whole bits, which floating point loses above 2⁵³.
#[test]
fn expected_weights_are_exact_integers() {
    let d = (1 << 32) - 1;
    let op = Routed { b: 1, s: 2, d, f: d, e: 8, top: 2 };
    let options = Options::default();
    let formula = totals(&Routed::formulas(&options).unwrap()).unwrap().bits.weights.value(&op.given()).unwrap();
    // Router, then three matrices of d² elements for 3.5 experts, 16 bits each.
    let wide = u128::from(d);
    let by_hand = 16 * wide * 8 + 7 * (16 * 3 * wide * wide) / 2;
    assert_eq!(formula.whole().and_then(|whole| u128::try_from(whole).ok()), Some(by_hand));
    assert_eq!(op.totals(&options).unwrap().bits.weights, by_hand);
}

/// 16·2¹²¹ bits of weights fit, ten times as many don't: an error, not the largest number that fits.
#[test]
fn expected_weights_that_do_not_fit_are_errors() {
    let op = RoutedLinear { b: 1, s: 3, d: 1 << 60, f: 1 << 61, e: 1000, top: 10 };
    let found = op.kernels(&Options::default());
    assert!(matches!(found, Err(Error::Overflow { .. })), "{found:?}");
}

/// One more token over 2⁶⁴ − 1 is 2⁶⁴ keys: 4·32·32·128·2⁶⁴ FLOP fit, so it's no overflow.
#[test]
fn intermediate_products_do_not_overflow() {
    let model = catalogue::find("llama-2-7b").unwrap();
    let found = model.kernels(&Workload::decode(1, u64::MAX), &Options::default());
    assert!(found.is_ok(), "{found:?}");
}

/// A power applies to the whole expectation.
#[test]
fn powers_of_expectations_are_written_around_all_of_it() {
    let distinct = Expr::distinct(&Expr::axis(0), &Expr::axis(1), &Expr::axis(2));
    let square = distinct.mul(&distinct).unwrap().show(&["e", "k", "n"], Notation::Latex).to_string();
    assert_eq!(square, r"\left(\left(e\right)\left(1-\left(1-\frac{k}{e}\right)^{n}\right)\right)^{2}");
}

/// The smallest fraction has no opposite.
#[test]
fn the_smallest_fraction_is_not_its_own_opposite() {
    assert!(matches!(Rational::int(i128::MIN).neg(), Err(Error::Overflow { .. })));
}

#[test]
fn rounding_up_the_smallest_fraction_is_no_panic() {
    let up = Expr::int(i128::MIN).ceil_div(&Expr::int(1));
    assert!(up == Ok(Expr::int(i128::MIN)) || matches!(up, Err(Error::Overflow { .. })), "{up:?}");
}

/// More experts for a token than there are is a mistake, not a number.
#[test]
fn no_more_experts_are_used_than_there_are() {
    let options = Options::default();
    let op = RoutedLinear { b: 1, s: 2, d: 4, f: 4, e: 2, top: 3 };
    assert!(matches!(op.kernels(&options), Err(Error::Experts { .. })));
    // Two tokens that use two experts each.
    let op = RoutedLinear { e: 8, top: 2, ..op };
    let given = |count| op.kernels(&Options { routing: Routing::Given(count), ..Options::default() });
    assert!(matches!(given(1), Err(Error::TooFewExperts { .. })));
    assert!(given(2).is_ok() && given(4).is_ok());
    assert!(matches!(given(5), Err(Error::TooManyExperts { .. })));
}
