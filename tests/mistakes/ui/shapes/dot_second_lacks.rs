use cost_macros::cost;

#[cost]
fn Linear<b, s, d, f>(x: Act<b, s, d>, w: Weight<f>) -> Act<b, s, f> {
    dot::<d>(x, w)
}

fn main() {}
