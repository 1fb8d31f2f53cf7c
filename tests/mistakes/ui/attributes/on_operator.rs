use cost_macros::cost;

#[cost]
#[inline]
fn Scale<b>(x: Act<b>) -> Act<b> {
    scale(x)
}

fn main() {}
