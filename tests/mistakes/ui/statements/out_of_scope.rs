use cost_macros::cost;

#[cost]
fn Repeat<b, l>(x: Act<b>) -> Act<b> {
    let y = scale(x);
    for _ in 0..l {
        let inner = silu(y);
        y = scale(inner);
    }
    y + inner
}

fn main() {}
