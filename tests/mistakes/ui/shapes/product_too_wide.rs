use cost_macros::cost;

#[cost]
fn Wide<a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q>(
    x: Act<a, b, c, d, e, f, g, h>,
    y: Act<i, j, k, l, m, n, o, p, q>,
) -> Act<a> {
    x * y
}

fn main() {}
