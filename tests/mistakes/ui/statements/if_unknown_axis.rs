use cost_macros::cost;

#[cost]
fn Bias<b, d, biased>(x: Act<b, d>, w: Weight<d>) -> Act<b, d> {
    let y = scale(x);
    if baised {
        y = y + w;
    }
    y
}

fn main() {}
