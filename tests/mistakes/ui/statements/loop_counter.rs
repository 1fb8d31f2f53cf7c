use cost_macros::cost;

#[cost]
fn Repeat<b, l>(x: Act<b>) -> Act<b> {
    let y = scale(x);
    for i in 0..l {
        y = silu(y);
    }
    y
}

fn main() {}
