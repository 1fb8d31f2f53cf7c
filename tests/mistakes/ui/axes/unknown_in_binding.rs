use cost_macros::cost;

#[cost]
fn Linear<b, s, d, f>(x: Act<b, s, d>, w: Weight<d, f>) -> Act<b, s, f> {
    dot::<d>(x, w)
}

#[cost]
fn Model<b, s, hidden, f>(x: Act<b, s, hidden>) -> Act<b, s, f> {
    Linear { b, s, d: hiden, f }(x)
}

fn main() {}
