use cost_macros::cost;

#[cost]
fn Linear<b, d, f>(x: Act<b, d>, w: Weight<d, f>, bias: Weight<f>) -> Act<b, f> {
    dot::<d>(x, w)
}

fn main() {}
