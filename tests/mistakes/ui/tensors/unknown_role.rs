use cost_macros::cost;

#[cost]
fn Linear<b, d, f>(x: Act<b, d>, w: Wieght<d, f>) -> Act<b, f> {
    dot::<d>(x, w)
}

fn main() {}
