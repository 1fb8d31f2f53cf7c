use cost_macros::cost;

#[cost(inline)]
fn Strided<b, t, r, p, k>(x: Act<b, t>, w: Weight<r>) -> Act<b, p> {
    dot::<r>(windows::<t, r, p>(x, stride = k), w)
}

#[cost]
fn Whole<b, t, r, p, k>(x: Act<b, t>, w: Weight<r>) -> Act<b, p> {
    Strided { b, t, r, p, k: 2 }(x, w) + Strided { b, t, r, p, k }(x, w)
}

#[cost]
fn Op<b, t, r, p, j>(x: Act<b, t>, w: Weight<r>) -> Act<b, p> {
    Strided { b, t, r, p, k: 2 * j }(x, w)
}

fn main() {}
