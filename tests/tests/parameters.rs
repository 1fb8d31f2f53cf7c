//! Parameters of an operator's value, generically and as a constant: one number.

use cost_core::{Error, Operator};
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

#[test]
fn what_does_not_fit_is_an_error() {
    let large = Mixed { b: 1, s: 1, d: u64::MAX, f: u64::MAX, e: u64::MAX, top: 1, l: 1, biased: 0 };
    assert!(matches!(of(&large), Err(Error::Overflow { .. })), "{:?}", of(&large));
}
