use cost_macros::cost;

#[cost]
fn Repeat<b, l>(x: Act<b>) -> Act<b> {
    for _ in 0..l {}
    scale(x)
}

fn main() {}
