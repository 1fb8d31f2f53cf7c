use cost_macros::cost;

#[cost]
fn Cut<b, s, d>(x: Act<b, s, d>) -> Act<b, s, d> {
    last::<s>(x)
}

fn main() {}
