use cost_macros::cost;

#[cost]
fn Scale<b>(x: Act<b>) -> Act<b> {
    const FACTOR: f64 = 2.0;
    scale(x)
}

fn main() {}
