use cost_macros::cost;

#[cost]
fn Pool<b, d, pooled>(x: Act<b, d>) -> Act<b, d> {
    let y = scale(x);
    if pooled {
        y = sum::<d>(y);
    }
    y
}

fn main() {}
