use cost_macros::cost;

#[cost]
fn Activate<b, d>(x: Act<b, d>) -> Act<b, d> {
    silu::<d>(x)
}

fn main() {}
