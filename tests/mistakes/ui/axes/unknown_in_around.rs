use cost_macros::cost;

#[cost(around(s, t, width))]
fn Scores<b, s, t, w>(x: Act<b, s, t>, y: Act<w>) -> Act<b, s, t> {
    softmax::<t>(x) * sum::<w>(y)
}

fn main() {}
