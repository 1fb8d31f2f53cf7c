use cost_macros::cost;

#[cost(inline, causal(s, t))]
fn Op<b, s, t>(x: Act<b, s, t>) -> Act<b, s> {
    sum::<t>(x)
}

fn main() {}
