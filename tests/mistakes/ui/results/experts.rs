use cost_macros::cost;

#[cost]
fn Two<b, d>(x: Act<b, d>) -> (Act<b, d>, Act<b>) {
    (relu(x), sum::<d>(x))
}

#[cost]
fn Op<b, d, e, top>(x: Act<b, d>) -> Act<b, d> {
    let (y, z) = experts::<e, top>(Two { b, d }(x));
    y * z
}

fn main() {}
