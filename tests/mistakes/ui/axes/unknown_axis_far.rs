use cost_macros::cost;

#[cost]
fn Scale<b, s>(x: Act<b, s, width>) -> Act<b, s> {
    scale(x)
}

fn main() {}
