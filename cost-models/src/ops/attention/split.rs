//! Attention over a long cache in chunks, whose partial results are merged (Flash-Decoding).

use cost_macros::cost;

/// Attention of queries that see the whole cache, `j` chunks of `u` tokens: each chunk gives its unnormalised result, its
/// largest score and the sum of its weights, which are stored, read again and merged.
#[cost]
pub fn SplitAttention<b, s, j, u, n, g, k>(
    q: Act<b, s, n, g, k>,
    keys: Cache<b, j, u, n, k>,
    values: Cache<b, j, u, n, k>,
) -> Act<b, s, n, g, k> {
    let scores = scale(dot::<k>(q, keys));
    let largest = max::<u>(scores);
    let weights = exp(scores - largest);
    let total = sum::<u>(weights);
    let partial = store(dot::<u>(weights, values));
    let merged = Merge { b, s, j, n, g, k }(partial, largest, total);
    merged
}

/// Merges the partial results of `j` chunks.
#[cost]
pub fn Merge<b, s, j, n, g, k>(
    partial: Act<b, s, n, g, j, k>,
    largest: Act<b, s, n, g, j>,
    total: Act<b, s, n, g, j>,
) -> Act<b, s, n, g, k> {
    let share = exp(largest - max::<j>(largest));
    dot::<j>(share, partial) / sum::<j>(share * total)
}
