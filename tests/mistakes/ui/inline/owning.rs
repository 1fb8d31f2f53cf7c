use cost_macros::cost;

#[cost(inline)]
fn Inner<b, d>(x: Act<b, d>, w: Weight<d>) -> Act<b, d> {
    x * w
}

#[cost]
fn Op<b, d>(x: Act<b, d>) -> Act<b, d> {
    Inner { b, d }(x)
}

fn main() {}
