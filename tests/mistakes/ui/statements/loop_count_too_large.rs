use cost_macros::cost;

#[cost]
fn Repeat<b, l>(x: Act<b>) -> Act<b> {
    let y = scale(x);
    for _ in 0..99999999999999999999 * l {
        y = silu(y);
    }
    y
}

fn main() {}
