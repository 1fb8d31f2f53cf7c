use cost_macros::cost;

#[cost]
fn Scale<b, d>(x: Act<b, d>, #[hf] w: Weight<d>) -> Act<b, d> {
    x * w
}

fn main() {}
