//! A number where an axis is expected, in every place that names axes.
use cost_macros::cost;

#[cost]
fn Ffn<b, s, d, f>(x: Act<b, s, d>, up: Weight<d, f>, down: Weight<f, d>) -> Act<b, s, d> {
    dot::<f>(silu(dot::<d>(x, up)), down)
}

#[cost]
fn Moe<b, s, d, f, e>(x: Act<b, s, d>) -> Act<b, s, d> {
    experts::<e, 2>(Ffn { b, s, d, f }(x))
}

#[cost]
fn Best<b, t>(x: Act<b, t>) -> Act<b> {
    sum::<t>(top::<t, 8>(x))
}

#[cost(window(s, t, 128))]
fn Scores<b, s, t, k>(q: Act<b, s, k>, keys: Cache<b, t, k>) -> Act<b, s, t> {
    dot::<k>(q, keys)
}

#[cost]
fn Wide<b, d>(x: Act<b, d>, w: Weight<d, 128>) -> Act<b, 128> {
    dot::<d>(x, w)
}

fn main() {}
