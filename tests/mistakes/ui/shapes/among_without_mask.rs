//! Chosen keys in an operator whose mask doesn't say how many.
use cost_macros::cost;

#[cost(causal(s, t))]
fn Chosen<b, s, t, w>(x: Act<b, s, t>, chosen: Act<b, s, w>) -> Act<b, s, t> {
    softmax::<t>(among::<t, w>(x, chosen))
}

fn main() {}
