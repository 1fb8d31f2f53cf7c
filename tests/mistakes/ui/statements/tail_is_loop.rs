use cost_macros::cost;

#[cost]
fn Scale<b, l>(x: Act<b>) -> Act<b> {
    let y = scale(x);
    for _ in 0..l {
        y = silu(y);
    }
}

fn main() {}
