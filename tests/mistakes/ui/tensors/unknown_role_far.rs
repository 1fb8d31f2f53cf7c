use cost_macros::cost;

#[cost]
fn Linear<b, d, f>(x: Tensor<b, d>, w: Weight<d, f>) -> Act<b, f> {
    dot::<d>(x, w)
}

fn main() {}
