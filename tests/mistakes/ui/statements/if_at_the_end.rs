use cost_macros::cost;

#[cost]
fn Bias<b, d, biased>(x: Act<b, d>, w: Weight<d>) -> Act<b, d> {
    if biased { x + w } else { scale(x) }
}

fn main() {}
