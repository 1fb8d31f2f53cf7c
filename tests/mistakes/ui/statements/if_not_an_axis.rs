use cost_macros::cost;

#[cost]
fn Bias<b, d>(x: Act<b, d>, bias: Weight<d>) -> Act<b, d> {
    let y = scale(x);
    if b > 1 {
        y = y + bias;
    }
    y
}

fn main() {}
