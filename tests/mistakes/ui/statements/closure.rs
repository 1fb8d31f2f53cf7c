use cost_macros::cost;

#[cost]
fn Scale<b>(x: Act<b>) -> Act<b> {
    (|y| scale(y))(x)
}

fn main() {}
