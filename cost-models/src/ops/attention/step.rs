//! One step of decoding with the projections, with and without a cache.

use super::GqaAttention;
use cost_macros::cost;

/// Projections and attention of `s` new tokens; the keys and values of the `t - s` before them are in the cache.
#[cost(part = attention)]
pub fn CachedStep<b, s, t, d, n, g, k>(
    x: Act<b, s, d>,
    wq: Weight<d, n, g, k>,
    wk: Weight<d, n, k>,
    wv: Weight<d, n, k>,
    keys: Cache<b, t, n, k>,
    values: Cache<b, t, n, k>,
) -> Act<b, s, n, g, k> {
    let q = rope(dot::<d>(x, wq));
    let keys = append::<t>(keys, rope(dot::<d>(x, wk)));
    let values = append::<t>(values, dot::<d>(x, wv));
    GqaAttention { b, s, t, n, g, k }(q, keys, values)
}

/// The same without a cache: keys and values of all `t` tokens are computed again, `t - s` rows of each needlessly.
#[cost(part = attention)]
pub fn UncachedStep<b, s, t, d, n, g, k>(
    x: Act<b, t, d>,
    wq: Weight<d, n, g, k>,
    wk: Weight<d, n, k>,
    wv: Weight<d, n, k>,
) -> Act<b, s, n, g, k> {
    let q = rope(dot::<d>(last::<t, s>(x), wq));
    let keys = rope(dot::<d>(x, wk));
    let values = dot::<d>(x, wv);
    GqaAttention { b, s, t, n, g, k }(q, keys, values)
}
