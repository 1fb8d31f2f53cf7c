use cost_macros::cost;

#[cost(f = 4 * d)]
fn Up<b, d, f>(x: Act<b, d>, w: Weight<d, f>) -> Act<b, f> {
    dot::<d>(x, w)
}

#[cost(m = 4 * d, n = 2 * d + 2 * d)]
fn Two<b, d, m, n>(x: Act<b, d>, w: Weight<m, n>) -> Act<b, n> {
    dot::<m>(Up { b, d }(x), w)
}

fn main() {}
