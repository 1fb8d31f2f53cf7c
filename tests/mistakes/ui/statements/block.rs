use cost_macros::cost;

#[cost]
fn Scale<b>(x: Act<b>) -> Act<b> {
    let y = {
        let z = silu(x);
        scale(z)
    };
    y
}

fn main() {}
