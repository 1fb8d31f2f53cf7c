use cost_macros::cost;

#[cost]
fn Scale<b, s, b>(x: Act<b, s>) -> Act<b, s> {
    scale(x)
}

fn main() {}
