use cost_macros::cost;

#[cost]
fn Op<b, d, l, bias>(x: Act<b, d>) -> Act<b, d> {
    let y = exp(x);
    'fused: for _ in 0..l {
        if bias {
            y = y + 1;
        }
    }
    y
}

fn main() {}
