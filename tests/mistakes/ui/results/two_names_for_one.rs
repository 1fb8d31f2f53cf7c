use cost_macros::cost;

#[cost]
fn One<b, d>(x: Act<b, d>) -> Act<b, d> {
    relu(x)
}

#[cost]
fn Op<b, d>(x: Act<b, d>) -> Act<b, d> {
    let (y, z) = One { b, d }(x);
    y + z
}

fn main() {}
