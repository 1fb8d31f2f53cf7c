use cost_macros::cost;

#[cost]
fn Scale<b, d>(x: Act<b, d>) -> Act<b, d> {
    x + residual
}

fn main() {}
