use cost_macros::cost;

#[cost]
fn Scale<b: Clone, s>(x: Act<b, s>) -> Act<b, s> {
    scale(x)
}

fn main() {}
