use cost_macros::cost;

#[cost]
fn One<b>(x: Act<b>) -> Act<b> {
    let _y = scale(x);
    1.0
}

fn main() {}
