use cost_macros::cost;

// The mistyped name is used by everything after it.
#[cost]
fn Attention<b, s, t, k>(q: Act<b, s, k>, keys: Cache<b, t, k>, values: Cache<b, t, k>) -> Act<b, s, k> {
    let scores = dot::<k>(qq, keys);
    let weights: Act<b, s, t> = softmax::<t>(scale(scores));
    let out = dot::<t>(weights, values);
    out + q
}

fn main() {}
