use cost_macros::cost;

struct Linear;

#[cost]
fn Model<b, s, d, f>(x: Act<b, s, d>) -> Act<b, s, f> {
    Linear { b, s, d, f }(x)
}

fn main() {}
