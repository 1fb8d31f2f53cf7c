use cost_macros::cost;

#[cost]
fn Op<b, d>(x: Act<b, d>) -> Act<b, d> {
    let (y, z) = relu(x);
    y + z
}

fn main() {}
