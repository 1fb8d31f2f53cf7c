use cost_macros::cost;

#[cost]
fn Scale<b>(x: Act<b>) -> Act<b> {
    let y = silu(x);
    scale(x)
}

fn main() {}
