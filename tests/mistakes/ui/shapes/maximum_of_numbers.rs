use cost_macros::cost;

#[cost]
fn Model<b, d>(x: Act<b, d>) -> Act<b, d> {
    x + maximum(1.0, 2.0)
}

fn main() {}
