//! What others call a method is here a function of another name, or an operator.
use cost_macros::cost;

#[cost]
fn Ffn<b, s, d, f>(x: Act<b, s, d>, up: Weight<d, f>) -> Act<b, s, f> {
    x.matmul(up)
}

#[cost]
fn Scores<b, s, t>(x: Act<b, s, t>) -> Act<b, s, t> {
    x.softmax()
}

#[cost]
fn Sum<b, s, d>(x: Act<b, s, d>, y: Act<b, s, d>) -> Act<b, s, d> {
    x.add(y)
}

#[cost]
fn Turned<b, s, d>(x: Act<b, s, d>) -> Act<b, s, d> {
    x.transpose()
}

#[cost]
fn Own<b, s, d>(x: Act<b, s, d>) -> Act<b, s, d> {
    x.twist()
}

fn main() {}
