use cost_macros::cost;

#[cost]
fn Scale<b>(x: Act<b>) -> Act<b> {
    let factor = 2.0;
    factor * x
}

fn main() {}
