use cost_macros::cost;

#[cost]
fn Ffn<b, s, d, f>(x: Act<b, s, d>, up: Weight<d, f>) -> Act<b, s, f> {
    matmul(x, up)
}

#[cost]
fn Turned<b, s, d>(x: Act<b, s, d>) -> Act<b, s, d> {
    permute(x)
}

#[cost]
fn Shape<b, n, k, d>(x: Act<b, n, k>) -> Act<b, d> {
    reshape::<(n, k), d>(x)
}

fn main() {}
