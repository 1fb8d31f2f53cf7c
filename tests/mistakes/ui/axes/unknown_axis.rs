use cost_macros::cost;

#[cost]
fn Scores<b, seq, k>(q: Act<b, seq, k>, w: Weight<k>) -> Act<b, seqq> {
    dot::<k>(q, w)
}

fn main() {}
