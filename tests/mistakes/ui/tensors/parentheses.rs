use cost_macros::cost;

#[cost]
fn Scale<b>(x: Act(b)) -> Act<b> {
    scale(x)
}

#[cost]
fn Model<b>(x: Act<b>) -> Act<b> {
    Scale { b }(x)
}

fn main() {}
