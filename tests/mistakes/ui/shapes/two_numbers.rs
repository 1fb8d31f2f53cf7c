use cost_macros::cost;

#[cost]
fn Scale<b>(x: Act<b>) -> Act<b> {
    x * (2.0 / 3.0)
}

fn main() {}
