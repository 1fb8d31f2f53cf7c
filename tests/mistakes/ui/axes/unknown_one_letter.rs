use cost_macros::cost;

#[cost]
fn Scale<b, s, d>(x: Act<b, s, d>) -> Act<b, s, q> {
    scale(x)
}

fn main() {}
