use cost_macros::cost;

#[cost]
fn Scores<b, s, t, k>(q: Act<b, s, k>, keys: Cache<b, t, k>) -> Act<b, s, t> {
    softmax::<k>(dot::<k>(q, keys))
}

fn main() {}
