use cost_macros::cost;

#[cost]
fn Linear<b, s, d, f>(x: Act<b, s>, w: Weight<d, f>) -> Act<b, s, f> {
    dot::<d>(x, w)
}

fn main() {}
