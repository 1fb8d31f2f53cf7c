use cost_macros::cost;

#[cost]
fn Repeat<b, l>(x: Act<b>) -> Act<b> {
    let y = scale(x);
    for _ in 1..l {
        y = silu(y);
    }
    y
}

fn main() {}
