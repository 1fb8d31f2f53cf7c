use cost_macros::cost;

#[cost]
fn Bias<b, d, biased, other>(x: Act<b, d>, w: Weight<d>) -> Act<b, d> {
    let y = scale(x);
    if biased {
        y = y + w;
    } else if other {
        y = silu(y);
    }
    y
}

fn main() {}
