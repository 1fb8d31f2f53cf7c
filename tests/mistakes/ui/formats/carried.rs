use cost_macros::cost;

#[cost]
fn Op<b, d, l>(x: Act<b, d>) -> Act<b, d> {
    let y = relu(x);
    for _ in 0..l {
        y = cast::<int8>(y + x);
    }
    y
}

fn main() {}
