use cost_macros::cost;

#[cost]
fn Scale<b>(
    x: Act<b>,
    #[hf("a")]
    #[hf("b")]
    w: Weight<b>,
) -> Act<b> {
    x * w
}

fn main() {}
