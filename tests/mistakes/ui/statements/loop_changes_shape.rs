use cost_macros::cost;

#[cost]
fn Repeat<b, d, l>(x: Act<b, d>) -> Act<b> {
    let y = scale(x);
    for _ in 0..l {
        y = sum::<d>(y);
    }
    y
}

fn main() {}
