//! Parameters of an operator's value, generically and as a constant: one number.

use cost_core::cost::Masking;
use cost_core::{Error, Operator, Options};
use cost_models::cost;
use cost_models::ops::{Linear, RmsNorm};

/// Experts, layers, a shared weight, an optional one and a buffer.
#[cost]
fn Mixed<b, s, d, f, e, top, l, biased>(
    x: Act<b, s, d>,
    shared: Weight<d, f>,
    bias: Weight<f>,
    #[part(buffer)] table: Weight<d>,
) -> Act<b, s, d> {
    let y = x * table;
    for _ in 0..l {
        y = RmsNorm { b, s, d }(y);
        let h = Linear { b, s, d, f }(y, shared);
        if biased {
            h = h + bias;
        }
        y = y + experts::<e, top>(Linear { b, s, d: f, f: d }(h));
    }
    y
}

fn of<O: Operator>(operator: &O) -> cost_core::Result<u128> {
    operator.params()
}

#[test]
fn they_are_the_constant() {
    let plain = Mixed { b: 2, s: 3, d: 4, f: 8, e: 5, top: 2, l: 3, biased: 0 };
    assert_eq!(of(&plain), Ok(4 * 8 + 3 * 4 + 3 * 5 * 8 * 4));
    assert_eq!(of(&plain), Ok(plain.params()));
    let biased = Mixed { biased: 1, ..plain };
    assert_eq!(of(&biased), Ok(biased.params()));
    assert_eq!(of(&biased).unwrap() - of(&plain).unwrap(), 8);
}

/// A spatial gating unit (arXiv:2105.08050) under a causal mask: of its weight over positions half is never read.
#[cost(t = s, causal(s, t))]
fn Gating<b, s, t, d>(x: Act<b, s, d>, w: Weight<s, t>, bias: Weight<s>) -> Act<b, s, d> {
    x * (dot::<t>(w, rename::<s, t>(x)) + bias)
}

#[test]
fn a_parameter_is_there_whole_under_a_mask() {
    let gating = Gating { b: 1, s: 4, d: 3 };
    for masking in [Masking::Exact, Masking::Dense] {
        let tensors = gating.tensors(&Options { masking, ..Options::default() }).unwrap();
        let bits: Vec<u128> = tensors.iter().map(|it| it.bits).collect();
        assert_eq!(bits, [4 * 4 * 16, 4 * 16], "{masking:?}");
    }
    assert_eq!(of(&gating), Ok(4 * 4 + 4));
    assert_eq!(gating.params(), 4 * 4 + 4);
}

#[test]
fn what_does_not_fit_is_an_error() {
    let large = Mixed { b: 1, s: 1, d: u64::MAX, f: u64::MAX, e: u64::MAX, top: 1, l: 1, biased: 0 };
    assert!(matches!(of(&large), Err(Error::Overflow { .. })), "{:?}", of(&large));
}

/// The matrices of all experts in one tensor, by way of another operator.
#[cost]
fn Stacked<b, s, d, f, e, top>(x: Act<b, s, d>, all: Weight<e, d, f>, bias: Weight<e, f>) -> Act<b, s, f> {
    Dealt { .. }(x, all, bias)
}

#[cost]
fn Dealt<b, s, d, f, e, top>(x: Act<b, s, d>, all: Weight<e, d, f>, bias: Weight<e, f>) -> Act<b, s, f> {
    experts::<e, top>(Biased { .. }(x, all, bias))
}

#[cost]
fn Biased<b, s, d, f>(x: Act<b, s, d>, w: Weight<d, f>, bias: Weight<f>) -> Act<b, s, f> {
    dot::<d>(x, w) + bias
}

/// A tensor of slices is like as many tensors of the experts' own, of which a token uses some; one that is also read as a
/// whole is one tensor.
#[test]
fn slices_of_experts_are_theirs() {
    let stacked = Stacked { b: 2, s: 3, d: 4, f: 8, e: 5, top: 2 };
    assert_eq!(of(&stacked), Ok(5 * (4 * 8 + 8)));
    let found = stacked.tensors(&Options::default()).unwrap();
    let told: Vec<_> = found.iter().map(|it| (it.elements, it.copies, it.active, it.experts)).collect();
    assert_eq!(told, [(4 * 8, 5, 2, Some(5)), (8, 5, 2, Some(5))]);
    let read = Read { b: 2, s: 3, d: 4, f: 8, e: 5, top: 2 };
    let found = read.tensors(&Options::default()).unwrap();
    let told: Vec<_> = found.iter().map(|it| (it.elements, it.copies, it.active, it.experts)).collect();
    assert_eq!(told, [(5 * 4 * 8, 1, 1, None)]);
}

#[cost]
fn Read<b, s, d, f, e, top>(x: Act<b, s, d>, all: Weight<e, d, f>) -> Act<b, s, f> {
    experts::<e, top>(Plain { .. }(x, all)) + sum::<e>(dot::<d>(x, all))
}

#[cost]
fn Plain<b, s, d, f>(x: Act<b, s, d>, w: Weight<d, f>) -> Act<b, s, f> {
    dot::<d>(x, w)
}
