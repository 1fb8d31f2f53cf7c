use cost_macros::cost;

#[cost(m = k)]
fn Best<b, t, k, m>(x: Act<b, t>) -> Act<b, m> {
    rename::<k, m>(top::<t, k>(x))
}

fn main() {}
