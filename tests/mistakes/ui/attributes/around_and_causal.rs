use cost_macros::cost;

#[cost(causal(s, t), around(s, t, w))]
fn Scores<b, s, t, w>(x: Act<b, s, t>, y: Act<w>) -> Act<b, s, t> {
    softmax::<t>(x) * sum::<w>(y)
}

fn main() {}
