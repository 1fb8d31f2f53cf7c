//! A misspelt argument, and one that is given twice.
use cost_macros::cost;

#[cost(causal(s, m, strid = l), m = t / l)]
fn Misspelt<s, t, m, l>(x: Act<s, m>) -> Act<s, m> {
    softmax::<m>(x)
}

#[cost(selected(s, t, w, block = l, block = 2))]
fn Twice<s, t, w, l>(x: Act<s, t>) -> Act<s, t> {
    softmax::<t>(x)
}

fn main() {}
