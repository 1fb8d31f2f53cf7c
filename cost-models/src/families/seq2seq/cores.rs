//! Scores, weights and sums of attention.

use cost_macros::cost;

/// Attention to keys and values that are kept of a source: all of them, whatever the query. Scores are scaled where `scaled`
/// is 1.
#[cost]
pub fn CrossCore<b, s, src, n, g, k, scaled>(
    q: Act<b, s, n, g, k>,
    keys: Cache<b, src, n, k>,
    values: Cache<b, src, n, k>,
) -> Act<b, s, n, g, k> {
    let scores = dot::<k>(q, keys);
    if scaled {
        scores = scale(scores);
    }
    dot::<src>(softmax::<src>(scores), values)
}

/// Attention without a mask to scores with a learned bias for each head and distance, of `r` that are told apart; the scores
/// are not scaled (T5, arXiv:1910.10683). The distances are looked up once, from one position to all.
#[cost]
pub fn BiasedSourceCore<b, s, t, n, g, k, r>(
    q: Act<b, s, n, g, k>,
    keys: Act<b, t, n, k>,
    values: Act<b, t, n, k>,
    relative: Weight<r, n>,
    places: Ids<t>,
) -> Act<b, s, n, g, k> {
    let scores = dot::<k>(q, keys) + gather::<r>(relative, places);
    dot::<t>(softmax::<t>(scores), values)
}

/// [`BiasedSourceCore`] of new tokens to those before them.
#[cost(causal(s, t))]
pub fn BiasedTargetCore<b, s, t, n, g, k, r>(
    q: Act<b, s, n, g, k>,
    keys: Cache<b, t, n, k>,
    values: Cache<b, t, n, k>,
    relative: Weight<r, n>,
    places: Ids<t>,
) -> Act<b, s, n, g, k> {
    let scores = dot::<k>(q, keys) + gather::<r>(relative, places);
    dot::<t>(softmax::<t>(scores), values)
}

/// [`BiasedSourceCore`] to positions less than `w` away (LongT5, arXiv:2112.07916).
#[cost(around(s, t, w))]
pub fn BiasedLocalCore<b, s, t, w, n, g, k, r>(
    q: Act<b, s, n, g, k>,
    keys: Act<b, t, n, k>,
    values: Act<b, t, n, k>,
    relative: Weight<r, n>,
    places: Ids<t>,
) -> Act<b, s, n, g, k> {
    let scores = dot::<k>(q, keys) + gather::<r>(relative, places);
    dot::<t>(softmax::<t>(scores), values)
}
