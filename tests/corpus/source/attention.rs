mod masks {
    use super::*;

    #[cost(window(s, t, w), tile(s = 2 * w))]
    pub fn Scores<b, s, t, w, n, k>(q: Act<b, s, n, k>, keys: Cache<b, t, n, k>) -> Act<b, s, n, t> {
        let scores: Act<b, s, n, t> = scale(dot::<k>(q, keys));
        softmax::<t>(scores)
    }
}

use cost_macros::cost;
use masks::Scores;

#[cost]
fn Layer<b, s, t, w, o, n, k, v>(ids: Ids<b, s>, table: Weight<v, n, k>, keys: Cache<b, t, n, k>) -> Act<b, o, n, t> {
    let q = rope(gather::<v>(table, ids));
    let keys = append::<t>(keys, q);
    last::<s, o>(Scores { .. }(q, keys))
}
