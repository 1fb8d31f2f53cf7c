use cost_macros::cost;

#[cost(f = )]
fn Up<b, d, f>(x: Act<b, d>, w: Weight<d, f>) -> Act<b, f> {
    dot::<d>(x, w)
}

#[cost(f = 4 d)]
fn Wide<b, d, f>(x: Act<b, d>, w: Weight<d, f>) -> Act<b, f> {
    dot::<d>(x, w)
}

fn main() {}
