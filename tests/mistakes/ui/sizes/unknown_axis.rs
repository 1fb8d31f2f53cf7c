use cost_macros::cost;

#[cost(q = 4 * d, f = 4 * e)]
fn Up<b, d, f>(x: Act<b, d>, w: Weight<d, f>) -> Act<b, f> {
    dot::<d>(x, w)
}

fn main() {}
