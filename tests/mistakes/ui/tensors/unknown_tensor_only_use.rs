use cost_macros::cost;

#[cost]
fn Linear<b, d, f>(hidden: Act<b, d>, weight: Weight<d, f>) -> Act<b, f> {
    dot::<d>(hiden, weight)
}

fn main() {}
