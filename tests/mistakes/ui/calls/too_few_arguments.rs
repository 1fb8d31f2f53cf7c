use cost_macros::cost;

#[cost]
fn Add<b, d>(x: Act<b, d>, y: Act<b, d>) -> Act<b, d> {
    x + y
}

#[cost]
fn Model<b, d>(x: Act<b, d>) -> Act<b, d> {
    Add { b, d }(x)
}

fn main() {}
