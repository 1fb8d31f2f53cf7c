//! Rows of another width in the place of those that were chosen, and one axis where `put` names two.
use cost_macros::cost;

#[cost]
fn Wider<b, s, c, d, f>(x: Act<b, s, d>, rows: Act<b, c, f>, chosen: Act<b, c>) -> Act<b, s, d> {
    put::<s, c>(x, rows, chosen)
}

#[cost]
fn OneAxis<b, s, c, d>(x: Act<b, s, d>, rows: Act<b, c, d>, chosen: Act<b, c>) -> Act<b, s, d> {
    put::<s>(x, rows, chosen)
}

fn main() {}
