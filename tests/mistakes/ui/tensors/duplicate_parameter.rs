use cost_macros::cost;

#[cost]
fn Sum<b>(x: Act<b>, x: Act<b>) -> Act<b> {
    x + x
}

fn main() {}
