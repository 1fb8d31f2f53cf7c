//! The core of attention, between the projections.

use cost_macros::cost;

/// Causal attention of `s` new tokens over `t` tokens, themselves included; `n` key/value heads with `g` queries each
/// (grouped-query attention, arXiv:2305.13245). With `g = 1` it is multi-head, with `n = 1` multi-query attention.
#[cost(causal(s, t))]
pub fn GqaAttention<b, s, t, n, g, k>(
    q: Act<b, s, n, g, k>,
    keys: Cache<b, t, n, k>,
    values: Cache<b, t, n, k>,
) -> Act<b, s, n, g, k> {
    let scores: Act<b, s, n, g, t> = scale(dot::<k>(q, keys));
    dot::<t>(softmax::<t>(scores), values)
}

/// Grouped-query attention in which each token sees at most the last `w` tokens, itself included; `w = t` is full
/// causal attention.
#[cost(window(s, t, w))]
pub fn Attention<b, s, t, w, n, g, k>(
    q: Act<b, s, n, g, k>,
    keys: Cache<b, t, n, k>,
    values: Cache<b, t, n, k>,
) -> Act<b, s, n, g, k> {
    let scores = scale(dot::<k>(q, keys));
    dot::<t>(softmax::<t>(scores), values)
}
