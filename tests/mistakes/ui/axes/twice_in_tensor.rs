use cost_macros::cost;

#[cost]
fn Gram<b, d>(x: Act<b, d>, w: Weight<d, d>) -> Act<b, d> {
    dot::<d>(x, w)
}

fn main() {}
