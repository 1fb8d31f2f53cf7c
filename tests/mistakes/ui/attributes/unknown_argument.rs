use cost_macros::cost;

#[cost(casual(s, t))]
fn Scores<b, s, t>(x: Act<b, s, t>) -> Act<b, s, t> {
    softmax::<t>(x)
}

fn main() {}
