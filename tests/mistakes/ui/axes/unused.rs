use cost_macros::cost;

#[cost]
fn Scale<b, s, d, f>(x: Act<b, s, d>) -> Act<b, s, d> {
    scale(x)
}

fn main() {}
