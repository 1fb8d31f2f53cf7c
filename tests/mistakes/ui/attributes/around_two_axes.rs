use cost_macros::cost;

#[cost(around(s, t))]
fn Scores<b, s, t>(x: Act<b, s, t>) -> Act<b, s, t> {
    softmax::<t>(x)
}

fn main() {}
