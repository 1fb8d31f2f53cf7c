use cost_macros::cost;

#[cost]
fn Embed<b, s, v, d>(table: Weight<v, d>, ids: Ids<b, s>) -> Act<b, s, d> {
    gather::<v>(table, ids)
}

#[cost]
fn Model<b, s, v, d>(table: Weight<v, d>, x: Act<b, s>) -> Act<b, s, d> {
    Embed { b, s, v, d }(table, x)
}

fn main() {}
