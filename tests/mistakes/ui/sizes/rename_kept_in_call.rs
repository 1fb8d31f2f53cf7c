use cost_macros::cost;

#[cost]
fn Kept<b, t, w>(x: Act<b, t>) -> Act<b, w> {
    top::<t, w>(x)
}

#[cost(f = w)]
fn Seen<b, t, w, f>(x: Act<b, t>) -> Act<b, f> {
    rename::<w, f>(Kept { b, t, w }(x))
}

fn main() {}
