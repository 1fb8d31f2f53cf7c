use cost_macros::cost;

#[cost]
fn Total<b, d>(x: Act<b, d>) -> Act<b> {
    dot::<d>(x)
}

fn main() {}
