//! A format that the callee declares and the caller's tensor lacks.
use cost_macros::cost;

#[cost]
fn Packed<b, d, f>(x: Act<b, d>, #[format(int4)] w: Weight<d, f>) -> Act<b, f> {
    dot::<d>(x, w)
}

#[cost]
fn Caller<b, d, f>(x: Act<b, d>, w: Weight<d, f>) -> Act<b, f> {
    Packed { b, d, f }(x, w)
}

fn main() {}
