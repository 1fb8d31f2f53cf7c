use cost_macros::cost;

#[cost]
fn Scale<b>(ids: Ids<b>, x: Act<b>) -> Act<b> {
    silu(ids) + x
}

fn main() {}
