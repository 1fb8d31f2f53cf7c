use cost_macros::cost;

#[cost(part = atention)]
fn Scale<b>(x: Act<b>) -> Act<b> {
    scale(x)
}

fn main() {}
