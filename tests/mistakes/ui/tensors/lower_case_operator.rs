use cost_macros::cost;

#[cost]
fn linear<b, d, f>(x: Act<b, d>, w: Weight<d, f>) -> Act<b, f> {
    dot::<d>(x, w)
}

fn main() {}
