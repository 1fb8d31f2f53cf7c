use cost_macros::cost;

#[cost]
fn Bias<b, d, biased>(x: Act<b, d>, w: Weight<d>) -> Act<b, d> {
    let y = if biased { x + w } else { x };
    scale(y)
}

fn main() {}
