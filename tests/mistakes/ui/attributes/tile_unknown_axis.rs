use cost_macros::cost;

#[cost(tile(row = 64))]
fn Scale<b, rows>(x: Act<b, rows>) -> Act<b, rows> {
    scale(x)
}

fn main() {}
