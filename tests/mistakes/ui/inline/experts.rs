use cost_macros::cost;

#[cost(inline)]
fn Inner<b, d>(x: Act<b, d>) -> Act<b, d> {
    relu(x)
}

#[cost]
fn Op<b, d, e, top>(x: Act<b, d>) -> Act<b, d> {
    experts::<e, top>(Inner { b, d }(x))
}

fn main() {}
