use cost_macros::cost;

#[cost]
fn Grow<b, s, t, k, l>(keys: Cache<b, t, k>, rows: Act<b, s, k>) -> Act<b, t, k> {
    for _ in 0..l {
        append::<t>(keys, rows);
    }
}

fn main() {}
