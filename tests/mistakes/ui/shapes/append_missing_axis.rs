use cost_macros::cost;

#[cost]
fn Grow<b, s, t, k>(keys: Cache<b, t, k>, rows: Act<b, s, k>) -> Act<b, t, k> {
    scale(append::<s>(keys, rows))
}

fn main() {}
