use cost_macros::cost;

#[cost]
fn Add<b>(x: Act<b>, y: Act<b>) -> Act<b> {
    let z = scale(x);
    z += y;
    z
}

fn main() {}
