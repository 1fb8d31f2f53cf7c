use cost_macros::cost;

#[cost]
fn Layer<b, t, d>(x: Act<b, d>, k: Cache<b, t, d>) -> (Act<b, d>, Cache<b, t, d>) {
    let y = x * sum::<t>(k);
    (y, k)
}

#[cost]
fn Op<b, t, d>(x: Act<b, d>) -> (Act<b, d>, Act<b, t, d>) {
    let (y, k) = Layer { b, t, d }(x);
    (y, k)
}

#[cost]
fn Right<b, t, d, l>(x: Act<b, d>) -> (Act<b, d>, Cache<b, t, d>) {
    let y = scale(x);
    let k;
    for _ in 0..l {
        (y, k) = Layer { b, t, d }(y);
    }
    (y, k)
}

fn main() {}
