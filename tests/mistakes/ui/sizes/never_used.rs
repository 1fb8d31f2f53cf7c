use cost_macros::cost;

#[cost(f = 4 * d)]
fn Scale<b, d, f>(x: Act<b, d>) -> Act<b, d> {
    scale(x)
}

fn main() {}
