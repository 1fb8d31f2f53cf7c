//! Two axes of a result bound to one axis.
use cost_macros::cost;

#[cost]
fn Pair<b, j, i, d>(x: Act<b, j, d>, y: Act<b, i, d>) -> Act<b, j, i> {
    dot::<d>(x, y)
}

#[cost]
fn Gram<b, j, d>(x: Act<b, j, d>) -> Act<b, j> {
    relu(Pair { b, j, i: j, d }(x, x))
}

fn main() {}
