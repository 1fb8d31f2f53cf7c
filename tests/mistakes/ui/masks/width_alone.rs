//! Blocks whose width is said, and not how far apart they begin.
use cost_macros::cost;

#[cost(causal(s, m, width = l), m = t / l)]
fn Wide<s, t, m, l>(x: Act<s, m>) -> Act<s, m> {
    softmax::<m>(x)
}

fn main() {}
