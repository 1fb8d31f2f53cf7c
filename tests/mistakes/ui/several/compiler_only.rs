use cost_macros::cost;

#[cost]
fn Linear<b, s, d, f>(x: Act<b, s, d>, w: Weight<d, f>) -> Act<b, s, f> {
    dot::<d>(x, w)
}

#[cost]
fn Model<b, s, d, f>(x: Act<b, s, d>, v: Act<b, d>, ids: Ids<b, s, d>) -> Act<b, s, d> {
    let one = Linear { b, s, d, ff: f }(x);
    let two = Linear { b, s, d, f }(v);
    let three = Linear { b, s, d, f }(ids);
    let four = softmax::<d>(three);
    one + two + four
}

// Calls the wrong one: what it is declared to return holds.
#[cost]
fn Caller<b, s, d, f>(x: Act<b, s, d>, v: Act<b, d>, ids: Ids<b, s, d>) -> Act<b, s, d> {
    Model { b, s, d, f }(x, v, ids) + x
}

fn main() {}
