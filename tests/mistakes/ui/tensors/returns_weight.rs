use cost_macros::cost;

#[cost]
fn Scale<d>(w: Weight<d>) -> Weight<d> {
    scale(w)
}

fn main() {}
