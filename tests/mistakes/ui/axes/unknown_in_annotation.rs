use cost_macros::cost;

#[cost]
fn Scale<b, width>(x: Act<b, width>) -> Act<b, width> {
    let y: Act<b, wide> = scale(x);
    y
}

fn main() {}
