//! A size that no axis of the caller has: of a result, of a parameter, and of what a call binds.
use cost_macros::cost;

#[cost(f = 4 * d)]
fn Up<b, d, f>(x: Act<b, d>, w: Weight<d, f>) -> Act<b, f> {
    dot::<d>(x, w)
}

#[cost(f = 4 * d)]
fn Down<b, d, f>(x: Act<b, f>, w: Weight<f, d>) -> Act<b, d> {
    dot::<f>(x, w)
}

#[cost]
fn Linear<b, d, f>(x: Act<b, d>, w: Weight<d, f>) -> Act<b, f> {
    dot::<d>(x, w)
}

#[cost]
fn Mlp<b, d>(x: Act<b, d>) -> Act<b, d> {
    relu(Up { b, d }(x))
}

#[cost(f = 2 * d)]
fn Narrow<b, d, f>(h: Act<b, f>) -> Act<b, d> {
    Down { .. }(h)
}

#[cost(g = d + 1)]
fn Wide<b, d, g>(x: Act<b, g>) -> Act<b, d> {
    Linear { b, d: g, f: 3 * (g - 1) }(x)
}

fn main() {}
