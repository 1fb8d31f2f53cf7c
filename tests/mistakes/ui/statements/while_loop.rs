use cost_macros::cost;

#[cost]
fn Repeat<b, l>(x: Act<b>) -> Act<b> {
    let y = scale(x);
    while l {
        y = silu(y);
    }
    y
}

fn main() {}
