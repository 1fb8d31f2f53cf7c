use cost_macros::cost;

#[cost]
fn Scale<b>(x: Act<b>) -> Act<b> {
    x = silu(x);
    scale(x)
}

fn main() {}
