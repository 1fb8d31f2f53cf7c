use cost_macros::cost;

#[cost(inline)]
fn Inner<b, d>(x: Act<b, d>) -> Act<b, d> {
    store(relu(x))
}

#[cost]
fn Op<b, d, l>(x: Act<b, d>) -> Act<b, d> {
    let y = exp(x);
    'fused: for _ in 0..l {
        y = Inner { b, d }(y);
    }
    y
}

fn main() {}
