use cost_macros::cost;

#[cost]
fn Expert<b, s, d, f>(x: Act<b, s, d>, condition: Act<b, f>, w: Weight<d, f>) -> Act<b, s, f> {
    dot::<d>(x, w) * condition
}

#[cost]
fn Moe<b, s, d, f, e, top, c>(x: Act<b, s, d>, condition: Act<b, f>) -> Act<b, s, f> {
    experts::<e, top>(Expert { b, s, d, f }(x, condition), capacity = c)
}

fn main() {}
