use cost_macros::cost;

#[cost]
fn Scale<b>(x: Act<b>) -> Act<b> {
    let hidden = silu(x);
    hiden = scale(hidden);
    hidden
}

fn main() {}
