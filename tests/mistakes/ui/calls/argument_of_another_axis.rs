//! Which axis of which call is of which size: one axis differs, one is missing, one is too many, several differ.
use cost_macros::cost;

#[cost]
fn Linear<b, s, d, f>(x: Act<b, s, d>, w: Weight<d, f>) -> Act<b, s, f> {
    dot::<d>(x, w)
}

#[cost]
fn Another<b, s, d, f>(x: Act<b, s, d>, up: Weight<d, f>) -> Act<b, s, d> {
    Linear { b, s, d, f: d }(dot::<d>(x, up))
}

#[cost]
fn Missing<b, s, d, f>(x: Act<b, s, d>) -> Act<b, s, f> {
    Linear { b, s, d, f }(sum::<s>(x))
}

#[cost]
fn More<b, s, n, d, f>(x: Act<b, s, n, d>) -> Act<b, s, f> {
    Linear { b, s, d, f }(x)
}

#[cost]
fn Several<b, s, n, m, d, f>(x: Act<b, n, m>, like: Act<b, s, d>) -> Act<b, s, f> {
    Linear { b, s, d, f }(x) + Linear { b, s, d, f }(like)
}

fn main() {}
