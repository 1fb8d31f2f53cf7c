use cost_macros::cost;

#[cost]
fn Op<b, d>(x: Act<b, d>, keys: Cache<b, d>) -> (Act<b, d>, Cache<b, d>) {
    (relu(x), x + keys)
}

fn main() {}
