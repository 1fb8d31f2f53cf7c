use cost_macros::cost;

#[cost]
fn Linear<b, d, f>(x: Act<b, d>, w: Wieght<d, f>) -> Act<b, f> {
    dot::<d>(x, w)
}

#[cost]
fn Model<b, d>(x: Act<b, d>) -> Act<b, d> {
    Linear { b, d, f: d }(x)
}

const _: () = assert!(Linear { b: 1, d: 2, f: 3 }.params() == 6);
const _: () = assert!(Model { b: 1, d: 2 }.params() == 4);

fn main() {}
