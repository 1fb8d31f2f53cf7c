use cost_macros::cost;

#[cost]
fn Sum<b>((x, y): Act<b>) -> Act<b> {
    x + y
}

fn main() {}
