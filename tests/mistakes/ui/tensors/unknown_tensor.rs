use cost_macros::cost;

#[cost]
fn Linear<b, d, f>(hidden: Act<b, d>, weight: Weight<d, f>) -> Act<b, f> {
    let out = dot::<d>(hiden, weight);
    scale(out) * hidden
}

fn main() {}
