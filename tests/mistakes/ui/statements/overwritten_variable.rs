use cost_macros::cost;

#[cost]
fn Scale<b>(x: Act<b>) -> Act<b> {
    let y = silu(x);
    y = scale(x);
    y
}

fn main() {}
