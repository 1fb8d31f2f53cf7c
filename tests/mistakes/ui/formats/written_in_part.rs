use cost_macros::cost;

#[cost]
fn Op<b, d, f>(x: Act<b, d>, w: Weight<d, f>) -> Act<b, f> {
    write(w, sum::<d>(w));
    dot::<d>(x, w)
}

fn main() {}
