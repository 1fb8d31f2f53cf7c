use cost_macros::cost;

#[cost]
fn Linear<b, s, d, f>(x: Act<b, s, d>, w: Weight<d, f>) -> Act<b, s, f> {
    dot::<d>(x, w)
}

#[cost]
fn Model<b, s, d, f>(x: Act<b, s, d>) -> Act<b, s, f> {
    Linear { b, s, d, f: f % 2 }(x)
}

fn main() {}
