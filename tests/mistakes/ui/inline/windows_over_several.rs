use cost_macros::cost;

#[cost(inline)]
fn Inner<b, t, r, p>(x: Act<b, t>, w: Weight<r>) -> Act<b, p> {
    dot::<r>(windows::<t, r, p>(x), w)
}

#[cost]
fn Op<b, h, k, r, p>(x: Act<b, h, k>, w: Weight<r>) -> Act<b, p> {
    Inner { b, t: h * k, r, p }(x, w)
}

fn main() {}
