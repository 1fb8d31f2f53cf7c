//! What is wrong with a call is said there, and not again by constants that depend on it, directly or through another call.
use cost_macros::cost;

#[cost]
fn Linear<b, s, d, f>(x: Act<b, s, d>, w: Weight<d, f>) -> Act<b, s, f> {
    dot::<d>(x, w)
}

#[cost]
fn Model<b, s, d, f>(x: Act<b, s, d>) -> Act<b, s, f> {
    let y = Linear { b, s, d }(x);
    let z = Linear { b, s, d: 3 * d, f }(x);
    Linear { b, s, d, f }(y) + z
}

#[cost]
fn Outer<b, s, d, f>(x: Act<b, s, d>) -> Act<b, s, f> {
    Model { b, s, d, f }(x)
}

const _: () = assert!(Model { b: 1, s: 1, d: 4, f: 8 }.params() == 32);
const _: () = assert!(Outer { b: 1, s: 1, d: 4, f: 8 }.flops().matmul == 64);

fn main() {
    println!("{}", Outer { b: 1, s: 1, d: 4, f: 8 }.params());
}
