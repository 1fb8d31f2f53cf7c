use cost_macros::cost;

#[cost]
fn Dot<b, d>(x: Act<b, d>, w: Weight<d>) -> Act<b> {
    dot::<(d, d)>(x, w)
}

fn main() {}
