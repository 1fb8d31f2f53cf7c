use cost_macros::cost;

#[cost]
fn Op<b, t, r, p>(x: Act<b, t>, w: Weight<r>) -> Act<b, p> {
    dot::<r>(windows::<t, r, p>(x, stride = 0), w)
}

fn main() {}
