use cost_macros::cost;

#[cost]
fn Grow<b, s, t, k, d>(keys: Cache<b, t, k>, rows: Act<b, s, d>) -> Act<b, t, k> {
    scale(append::<t>(keys, rows))
}

fn main() {}
