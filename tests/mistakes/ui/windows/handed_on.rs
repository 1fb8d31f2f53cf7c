use cost_macros::cost;

#[cost]
fn Inner<b, p, r>(x: Act<b, p, r>) -> Act<b, p> {
    sum::<r>(x)
}

#[cost]
fn Op<b, t, r, p>(x: Act<b, t>) -> Act<b, p> {
    Inner { b, p, r }(windows::<t, r, p>(x))
}

fn main() {}
