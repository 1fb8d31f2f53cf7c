//! Dense projection.

use cost_macros::cost;

/// Dense projection of `b·s` rows from width `d` to width `f`.
#[cost]
pub fn Linear<b, s, d, f>(x: Act<b, s, d>, w: Weight<d, f>) -> Act<b, s, f> {
    dot::<d>(x, w)
}
