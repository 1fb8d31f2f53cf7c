use cost_macros::cost;

#[cost]
fn Gram<j, d>(x: Act<j, d>) -> Act<j, j> {
    dot::<d>(x, x)
}

fn main() {}
