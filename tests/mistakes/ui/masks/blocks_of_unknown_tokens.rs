//! Blocks of which it isn't said how many tokens they are of, or of other blocks.
use cost_macros::cost;

#[cost(causal(s, m, stride = l))]
fn Unsaid<s, m, l>(x: Act<s, m>, y: Act<l>) -> Act<s, m> {
    softmax::<m>(x) * sum::<l>(y)
}

#[cost(causal(s, m, stride = 16, width = l), m = t / l)]
fn Other<s, t, m, l>(x: Act<s, m>, y: Act<t>) -> Act<s, m> {
    softmax::<m>(x) * sum::<t>(y)
}

#[cost(causal(s, m, stride = l), m = t / 0)]
fn Wrong<s, t, m, l>(x: Act<s, m>, y: Act<t, l>) -> Act<s, m> {
    softmax::<m>(x) * sum::<(t, l)>(y)
}

fn main() {}
