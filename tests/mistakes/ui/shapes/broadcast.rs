use cost_macros::cost;

#[cost]
fn Add<b, s, t>(x: Act<b, s>, y: Act<b, t>) -> Act<b, s> {
    x + y
}

fn main() {}
