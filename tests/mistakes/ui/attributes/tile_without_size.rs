use cost_macros::cost;

#[cost(tile(s))]
fn Scale<b, s>(x: Act<b, s>) -> Act<b, s> {
    scale(x)
}

fn main() {}
