use cost_macros::cost;

#[cost]
fn Scale<b>(x: Act<b>) {
    scale(x)
}

fn main() {}
