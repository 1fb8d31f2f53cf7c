use cost_macros::cost;

#[cost]
fn Op<b, d>(x: Act<b, d>) -> Act<b, d> {
    let y;
    x + y
}

fn main() {}
