use cost_macros::cost;

#[cost]
fn Moe<b, s, d, e, top>(x: Act<b, s, d>) -> Act<b, s, d> {
    experts::<e, top>(x)
}

fn main() {}
