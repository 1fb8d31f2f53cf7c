use cost_macros::cost;

#[cost]
fn Op<b, t, r, p>(x: Act<b, t>) -> Act<b, p> {
    sum::<t>(sum::<r>(windows::<p, r, t>(x)))
}

fn main() {}
