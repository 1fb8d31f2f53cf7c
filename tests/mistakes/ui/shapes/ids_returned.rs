use cost_macros::cost;

#[cost]
fn Same<b>(ids: Ids<b>) -> Act<b> {
    ids
}

fn main() {}
