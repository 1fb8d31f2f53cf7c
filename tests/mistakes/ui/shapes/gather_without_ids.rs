use cost_macros::cost;

#[cost]
fn Embed<b, s, v, d>(table: Weight<v, d>, ids: Act<b, s>) -> Act<b, s, d> {
    gather::<v>(table, ids)
}

fn main() {}
