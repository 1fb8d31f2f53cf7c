use cost_macros::cost;

#[cost]
fn Grow<b, s, t, k>(keys: Act<b, t, k>, rows: Act<b, s, k>) -> Act<b, t, k> {
    append::<t>(keys, rows)
}

fn main() {}
