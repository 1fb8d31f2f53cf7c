use cost_macros::cost;

#[cost]
fn Op<b, d, l>(x: Act<b, d>) -> Act<b, d> {
    let y = exp(x);
    'fused: for _ in 0..l {
        y = store(relu(y));
    }
    y
}

fn main() {}
