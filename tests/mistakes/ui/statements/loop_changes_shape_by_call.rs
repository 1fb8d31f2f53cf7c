use cost_macros::cost;

#[cost]
fn Pool<b, d>(x: Act<b, d>) -> Act<b> {
    sum::<d>(x)
}

#[cost]
fn Repeat<b, d, l>(x: Act<b, d>) -> Act<b, d> {
    let y = scale(x);
    for _ in 0..l {
        y = Pool { b, d }(y);
    }
    y
}

fn main() {}
