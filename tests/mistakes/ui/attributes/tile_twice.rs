use cost_macros::cost;

#[cost(tile(b = 64), tile(n = 64))]
fn Scale<b, n>(x: Act<b, n>) -> Act<b, n> {
    scale(x)
}

fn main() {}
