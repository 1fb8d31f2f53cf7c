use cost_macros::cost;

#[cost]
fn Scale<B, s>(x: Act<B, s>) -> Act<B, s> {
    scale(x)
}

fn main() {}
