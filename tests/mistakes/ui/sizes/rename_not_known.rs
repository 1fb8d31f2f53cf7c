use cost_macros::cost;

#[cost]
fn Plain<b, d, e>(x: Act<b, d>, w: Weight<d, e>) -> Act<b, d> {
    rename::<e, d>(dot::<d>(x, w))
}

#[cost(t = ceil(n / l))]
fn Split<b, n, t, l>(x: Act<b, n>) -> Act<b, t, l> {
    split::<n, (t, l)>(x)
}

#[cost(d = n + k)]
fn Merge<b, n, k, d>(x: Act<b, n, k>) -> Act<b, d> {
    merge::<(n, k), d>(x)
}

fn main() {}
