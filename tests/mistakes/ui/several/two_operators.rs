use cost_macros::cost;

#[cost]
fn First<b, d>(x: Act<b, d>, w: Weight<d>) -> Act<b> {
    dot::<b>(x, w)
}

#[cost]
fn Second<b, d>(x: Act<b, d>) -> Act<b> {
    sofmax::<d>(x)
}

#[cost]
fn Third<b, d>(x: Act<b, d>) -> Act<b> {
    First { b, d }(x) + Second { b, d }(x)
}

const _: u64 = Third { b: 1, d: 2 }.d;

fn main() {}
