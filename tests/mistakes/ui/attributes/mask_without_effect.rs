use cost_macros::cost;

#[cost(causal(s, t))]
fn Scores<b, s, t>(x: Act<b, s>, y: Act<b, t>) -> Act<b, s> {
    x * sum::<t>(y)
}

fn main() {}
