use cost_macros::cost;

#[cost]
fn Two<b, d>(x: Act<b, d>) -> (Act<b, d>, Act<b>) {
    (relu(x), sum::<d>(x))
}

#[cost]
fn Op<b, d>(x: Act<b, d>) -> Act<b, d> {
    let y = Two { b, d }(x);
    y + x
}

fn main() {}
