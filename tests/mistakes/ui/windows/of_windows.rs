use cost_macros::cost;

#[cost]
fn Op<b, h, r, p, u, q>(x: Act<b, h>) -> Act<b, q> {
    max::<(r, u)>(windows::<p, u, q>(windows::<h, r, p>(x)))
}

fn main() {}
