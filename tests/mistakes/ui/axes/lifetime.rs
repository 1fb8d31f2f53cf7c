use cost_macros::cost;

#[cost]
fn Scale<'a, b>(x: Act<b>) -> Act<b> {
    scale(x)
}

fn main() {}
