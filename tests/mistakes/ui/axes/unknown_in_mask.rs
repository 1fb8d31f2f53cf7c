use cost_macros::cost;

#[cost(causal(s, past))]
fn Scores<b, s, t>(x: Act<b, s, t>) -> Act<b, s, t> {
    softmax::<t>(x)
}

fn main() {}
