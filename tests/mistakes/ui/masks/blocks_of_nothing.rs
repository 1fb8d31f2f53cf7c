//! Lengths of blocks that are none.
use cost_macros::cost;

#[cost(selected(s, t, w, block = 0))]
fn Empty<s, t, w>(x: Act<s, t>) -> Act<s, t> {
    softmax::<t>(x)
}

#[cost(selected(s, t, w, block = 2.5))]
fn Broken<s, t, w>(x: Act<s, t>) -> Act<s, t> {
    softmax::<t>(x)
}

#[cost(selected(s, t, w, block = k))]
fn Unknown<s, t, w, l>(x: Act<s, t>, y: Act<l>) -> Act<s, t> {
    softmax::<t>(x) * sum::<l>(y)
}

fn main() {}
