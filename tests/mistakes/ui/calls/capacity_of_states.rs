use cost_macros::cost;

#[cost]
fn Shift<b, s, d>(x: Act<b, s, d>, last: State<b, d>) -> Act<b, s, d> {
    x + before::<s>(last)
}

#[cost]
fn Expert<b, s, d>(x: Act<b, s, d>) -> Act<b, s, d> {
    relu(Shift { b, s, d }(x))
}

#[cost]
fn Moe<b, s, d, e, top, c>(x: Act<b, s, d>) -> Act<b, s, d> {
    experts::<e, top>(Expert { b, s, d }(x), capacity = c)
}

fn main() {}
