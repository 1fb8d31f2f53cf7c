//! An annotation that is wrong is reported, and nothing that follows from it: not where a call takes the value, nor where
//! another step does, nor where it is returned.
use cost_macros::cost;

#[cost]
fn Linear<b, s, d, f>(x: Act<b, s, d>, w: Weight<d, f>) -> Act<b, s, f> {
    dot::<d>(x, w)
}

#[cost]
fn Taken<b, s, d, f>(x: Act<b, s, d>, w: Weight<d, f>) -> Act<b, s, d> {
    let h: Act<b, s, d> = dot::<d>(x, w);
    Linear { b, s, d: f, f: d }(h)
}

#[cost]
fn Returned<b, s, d, f>(x: Act<b, s, d>, w: Weight<d, f>) -> Act<b, s, d> {
    let h: Act<b, s, d> = dot::<d>(x, w);
    h
}

#[cost]
fn OfACall<b, s, d, f>(x: Act<b, s, d>) -> Act<b, s, d> {
    let h: Act<b, s, d> = Linear { b, s, d, f }(x);
    softmax::<d>(h) + x
}

const TAKEN: Taken = Taken { b: 1, s: 1, d: 4, f: 8 };
const _: () = assert!(TAKEN.params() == 64);

fn main() {}
