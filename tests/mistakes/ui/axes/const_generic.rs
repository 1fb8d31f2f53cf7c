use cost_macros::cost;

#[cost]
fn Scale<b, const S: usize>(x: Act<b>) -> Act<b> {
    scale(x)
}

fn main() {}
