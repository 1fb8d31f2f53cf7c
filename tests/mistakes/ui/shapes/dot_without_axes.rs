use cost_macros::cost;

#[cost]
fn Linear<b, d, f>(x: Act<b, d>, w: Weight<d, f>) -> Act<b, f> {
    dot(x, w)
}

fn main() {}
