use cost_macros::cost;

#[cost]
fn Scale<b>(x: Act<b>) -> Act<b> {
    let y = scale(x);
    #[cfg(nothing)]
    let y = silu(y);
    y
}

fn main() {}
