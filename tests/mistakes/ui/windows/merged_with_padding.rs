use cost_macros::cost;

#[cost(d = c * r)]
fn Op<b, t, c, r, p, d, f>(x: Act<b, t, c>, w: Weight<d, f>) -> Act<b, p, f> {
    dot::<d>(merge::<(c, r), d>(windows::<t, r, p>(x, pad = 1)), w)
}

fn main() {}
