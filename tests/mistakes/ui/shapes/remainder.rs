use cost_macros::cost;

#[cost]
fn Wrap<b>(x: Act<b>) -> Act<b> {
    x % x
}

fn main() {}
