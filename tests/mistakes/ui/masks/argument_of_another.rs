//! An argument that only other masks have, and an axis in the place of one.
use cost_macros::cost;

#[cost(window(s, t, w, block = l))]
fn Windowed<s, t, w, l>(x: Act<s, t>, y: Act<w, l>) -> Act<s, t> {
    softmax::<t>(x) * sum::<(w, l)>(y)
}

#[cost(causal(s, m, l))]
fn Blocks<s, m, l>(x: Act<s, m>, y: Act<l>) -> Act<s, m> {
    softmax::<m>(x) * sum::<l>(y)
}

fn main() {}
