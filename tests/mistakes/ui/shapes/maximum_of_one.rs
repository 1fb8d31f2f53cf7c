use cost_macros::cost;

#[cost]
fn Model<b, d>(x: Act<b, d>) -> Act<b, d> {
    maximum(x)
}

fn main() {}
