use cost_macros::cost;

#[cost]
fn Biased<b, d, biased>(x: Act<b, d>, w: Weight<d>) -> Act<b, d> {
    let y = silu(x);
    if biased {
        y + w
    } else {
        y
    }
}

fn main() {}
