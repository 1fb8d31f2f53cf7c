use cost_macros::cost;

#[cost]
fn Linear<b, s, d, f>(x: Act<b, s, d>, w: Weight<d, f>) -> Act<b, s, f> {
    dot::<d>(x, w)
}

// `m`, `bias` and `one` are wrong for the macro, `two` and `three` for the compiler, which knows what `Linear` returns.
#[cost]
fn Model<b, s, d, f, m>(x: Act<b, s, d>, w: Weight<f>, bias: Weight<d>, v: Act<b, d>) -> Act<b, s, d> {
    let one = dot::<d>(x, w);
    let two = Linear { b, s, d, f }(v);
    let three = softmax::<d>(two);
    one + two + three
}

fn main() {}
