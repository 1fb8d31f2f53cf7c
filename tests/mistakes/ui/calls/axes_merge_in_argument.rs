//! Two axes of a parameter bound to one axis: a vector is no square matrix.
use cost_macros::cost;

#[cost]
fn Linear<b, s, d, f>(x: Act<b, s, d>, w: Weight<d, f>) -> Act<b, s, f> {
    dot::<d>(x, w)
}

#[cost]
fn VecAsMatrix<b, s, d>(x: Act<b, s, d>, v: Weight<d>) -> Act<b, s, d> {
    Linear { b, s, d, f: d }(x, v)
}

fn main() {}
