use cost_macros::cost;

#[cost]
fn Scale<b>(self, x: Act<b>) -> Act<b> {
    scale(x)
}

fn main() {}
