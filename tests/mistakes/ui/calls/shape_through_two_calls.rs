use cost_macros::cost;

#[cost]
fn Linear<b, s, d, f>(x: Act<b, s, d>, w: Weight<d, f>) -> Act<b, s, f> {
    dot::<d>(x, w)
}

#[cost]
fn Norm<b, s, d>(x: Act<b, s, d>, w: Weight<d>) -> Act<b, s, d> {
    rms_norm::<d>(x) * w
}

#[cost]
fn Model<b, s, d, f>(x: Act<b, s, d>) -> Act<b, s, d> {
    let up = Linear { b, s, d, f }(x);
    let normed = Norm { b, s, d: f }(up);
    Linear { b, s, d, f: d }(normed)
}

fn main() {}
