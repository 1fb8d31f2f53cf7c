use cost_macros::cost;

#[cost]
fn Repeat<b, layers>(x: Act<b>) -> Act<b> {
    let y = scale(x);
    for _ in 0..layer {
        y = silu(y);
    }
    y
}

fn main() {}
