use cost_macros::cost;

#[cost]
fn Linear<b, width, f>(x: Act<b, width>, w: Weight<width, f>) -> Act<b, f> {
    dot::<widht>(x, w)
}

fn main() {}
