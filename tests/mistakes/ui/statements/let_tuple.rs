use cost_macros::cost;

#[cost]
fn Split<b>(x: Act<b>) -> Act<b> {
    let (a, c) = silu(x);
    a + c
}

fn main() {}
