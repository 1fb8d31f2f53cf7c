use cost_macros::cost;

#[cost(f = 4 * d, f = 2 * d)]
fn Up<b, d, f>(x: Act<b, d>, w: Weight<d, f>) -> Act<b, f> {
    dot::<d>(x, w)
}

fn main() {}
