use cost_macros::cost;

#[cost]
fn Scale<b, d>(x: Act<b, d>, #[format(int8:128:f16)] w: Weight<d>) -> Act<b, d> {
    x * w
}

fn main() {}
