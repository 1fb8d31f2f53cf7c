use cost_macros::cost;

#[cost]
fn Convolve<b, d>(x: Act<b, d>) -> Act<b, d> {
    conv2d(x)
}

fn main() {}
