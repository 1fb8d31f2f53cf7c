use cost_macros::cost;

#[cost(tile(s = 0))]
fn Scale<b, s>(x: Act<b, s>) -> Act<b, s> {
    scale(x)
}

fn main() {}
