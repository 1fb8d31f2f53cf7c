use cost_macros::cost;

#[cost(parallel)]
fn Scale<b>(x: Act<b>) -> Act<b> {
    scale(x)
}

fn main() {}
