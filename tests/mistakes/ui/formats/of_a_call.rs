use cost_macros::cost;

#[cost]
fn Inner<b, d>(x: Act<b, d>) -> Act<b, d> {
    x + x
}

#[cost]
fn Op<b, d>(x: Act<b, d>) -> Act<b, d> {
    #[format(int8)]
    let y = Inner { b, d }(x);
    y
}

fn main() {}
