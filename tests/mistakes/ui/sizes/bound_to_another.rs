use cost_macros::cost;

#[cost(f = 4 * d, p = ceil(f / 3))]
fn Up<b, d, f, p>(x: Act<b, d>, w: Weight<d, f, p>) -> Act<b, f, p> {
    dot::<d>(x, w)
}

#[cost]
fn Half<b, d, e, p>(x: Act<b, d>, w: Weight<d, e, p>) -> Act<b, e, p> {
    Up { b, d: 2 * d, f: e, p }(x, w)
}

fn main() {}
