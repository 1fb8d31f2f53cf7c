use cost_macros::cost;

#[cost]
fn Embed<b, s, v, d>(table: Weight<v, d>, ids: Ids<b, s>) -> Act<b, s, d> {
    gather::<s>(table, ids)
}

fn main() {}
