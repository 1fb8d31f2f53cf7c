use cost_macros::cost;

#[cost]
fn Outer<b, s, d>(x: Act<b, s>, y: Act<b, d>, k: Act<b, d>) -> Act<b, d> {
    dot::<s>(y, k) + dot::<s>(x, x)
}

fn main() {}
