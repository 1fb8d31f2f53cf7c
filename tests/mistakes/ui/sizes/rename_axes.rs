use cost_macros::cost;

#[cost(e = d)]
fn There<b, d, e>(x: Act<b, d, e>) -> Act<b, d> {
    rename::<e, d>(x)
}

#[cost(e = d)]
fn Absent<b, d, e>(x: Act<b, d>) -> Act<b, d> {
    rename::<e, d>(x)
}

#[cost(d = n * k)]
fn Written<b, d, n, k>(x: Act<b, n, k>, y: Act<b, d>) -> Act<b, d> {
    let a = rename::<d>(y);
    let c = split::<d, n, k>(y);
    let e = merge::<n, (k, d)>(x);
    a + c + e
}

fn main() {}
