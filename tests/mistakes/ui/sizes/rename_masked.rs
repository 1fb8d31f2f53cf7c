use cost_macros::cost;

#[cost(causal(s, t), m = t)]
fn Scores<b, s, t, m, k>(q: Act<b, s, k>, keys: Act<b, t, k>) -> Act<b, s, m> {
    rename::<t, m>(dot::<k>(q, keys))
}

#[cost(causal(s, t), m = t)]
fn Masked<b, s, t, m, k>(q: Act<b, s, k>, keys: Act<b, m, k>) -> Act<b, s, t> {
    rename::<m, t>(dot::<k>(q, keys))
}

#[cost(causal(s, t), t = s)]
fn Causal<b, s, t, k>(x: Act<b, s, k>) -> Act<b, s, t> {
    dot::<k>(x, rename::<s, t>(x))
}

fn main() {}
