use cost_macros::cost;

#[cost(part = "attention")]
fn Scale<b>(x: Act<b>) -> Act<b> {
    scale(x)
}

fn main() {}
