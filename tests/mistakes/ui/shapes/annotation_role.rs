use cost_macros::cost;

#[cost]
fn Linear<b, d, f>(x: Act<b, d>, w: Weight<d, f>) -> Act<b, f> {
    let y: Cache<b, f> = dot::<d>(x, w);
    scale(y)
}

fn main() {}
