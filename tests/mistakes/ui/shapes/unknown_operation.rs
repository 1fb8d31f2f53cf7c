use cost_macros::cost;

#[cost]
fn Probabilities<b, d>(x: Act<b, d>) -> Act<b, d> {
    sotfmax::<d>(x)
}

fn main() {}
