use cost_macros::cost;

#[cost(f = 2 * f)]
fn Itself<b, d, f>(x: Act<b, d>, w: Weight<d, f>) -> Act<b, f> {
    dot::<d>(x, w)
}

/// `d` is in terms of both, but neither of it.
#[cost(f = g + 1, g = f - 1, d = f)]
fn Others<b, d, f, g>(x: Act<b, d>, w: Weight<d, f, g>) -> Act<b, f, g> {
    dot::<d>(x, w)
}

fn main() {}
