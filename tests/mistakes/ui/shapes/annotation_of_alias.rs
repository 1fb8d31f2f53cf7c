use cost_macros::cost;

#[cost]
fn Scale<b, s>(x: Act<b, s>) -> Act<b, s> {
    let y: Act<b> = x;
    scale(y)
}

fn main() {}
