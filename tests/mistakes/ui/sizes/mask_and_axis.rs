use cost_macros::cost;

/// An argument of that name is the argument.
#[cost(window = 4)]
fn Scores<b, s, t, window>(x: Act<b, s, t, window>) -> Act<b, s, t, window> {
    softmax::<t>(x)
}

#[cost(causal(s, t), w = 4, window(s, t, w))]
fn Masked<b, s, t, w>(x: Act<b, s, t, w>) -> Act<b, s, t, w> {
    softmax::<t>(x)
}

fn main() {}
