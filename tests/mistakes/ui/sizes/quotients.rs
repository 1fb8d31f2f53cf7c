use cost_macros::cost;

#[cost(f = d / 0, g = ceil(d), h = d % 2, k = 1 - 2)]
fn Parts<b, d, f, g, h, k>(x: Act<b, d>, w: Weight<d, f, g, h, k>) -> Act<b, f, g, h, k> {
    dot::<d>(x, w)
}

fn main() {}
