use cost_macros::cost;

#[cost]
fn Expert<d, f>(x: Act<d>, w: Weight<d, f>) -> Act<f> {
    dot::<d>(x, w)
}

#[cost]
fn Moe<d, f, e, top, c>(x: Act<d>) -> Act<f> {
    experts::<e, top>(Expert { d, f }(x), capacity = c)
}

fn main() {}
