use cost_macros::cost;

#[cost]
fn Op<b, t, p>(x: Act<b, t>) -> Act<b, p> {
    max::<t>(windows::<t, p>(x))
}

fn main() {}
