use cost_macros::cost;

#[cost]
fn Op<b, d, l>(x: Act<b, d>) -> Act<b, d> {
    let y;
    for _ in 0..l {
        y = relu(x);
    }
    y
}

fn main() {}
