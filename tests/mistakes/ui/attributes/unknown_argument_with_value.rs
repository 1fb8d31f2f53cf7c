use cost_macros::cost;

#[cost(prt = attention)]
fn Scale<b>(x: Act<b>) -> Act<b> {
    scale(x)
}

fn main() {}
