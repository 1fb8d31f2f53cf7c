use cost_macros::cost;

#[cost]
fn Inner<b, d>(x: Act<b, d>) -> Act<b, d> {
    relu(x)
}

#[cost]
fn Routed<b, d, e, top>(x: Act<b, d>) -> Act<b, d> {
    experts::<e, top>(Inner { b, d }(x))
}

#[cost]
fn Op<b, d, e, top, f, few>(x: Act<b, d>) -> Act<b, d> {
    experts::<f, few>(Routed { b, d, e, top }(x))
}

fn main() {}
