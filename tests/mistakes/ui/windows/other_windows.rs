use cost_macros::cost;

#[cost]
fn Op<b, t, r, p>(x: Act<b, t>) -> Act<b, p> {
    sum::<r>(windows::<t, r, p>(x)) + sum::<r>(windows::<t, r, p>(x, stride = 2))
}

fn main() {}
