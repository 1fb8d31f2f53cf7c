use cost_macros::cost;

#[cost]
fn Op<b, t, r, p>(x: Act<b, t>) -> Act<b, p, r> {
    windows::<t, r, p>(x)
}

fn main() {}
