use cost_macros::cost;

#[cost]
fn Linear<b, s, d, f>(x: Act<b, s, d>, w: Weight<d, f>) -> Act<b, s, f> {
    dot::<d>(x, w)
}

#[cost]
fn Model<b, s, t, d, f>(x: Act<b, s, d>, y: Act<t>) -> Act<b, s, f> {
    Linear { b, s, t, d, f }(x) * sum::<t>(y)
}

fn main() {}
