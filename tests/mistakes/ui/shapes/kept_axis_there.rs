//! What is kept along an axis that the operand has already.
use cost_macros::cost;

#[cost]
fn Kept<b, t, w>(x: Act<b, t, w>) -> Act<b, w> {
    top::<t, w>(x)
}

fn main() {}
