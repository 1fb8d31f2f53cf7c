//! Attention of encoders.

use cost_macros::cost;

/// Attention without a mask: each of `s` queries sees all `t` keys, which no cache keeps. `n` heads.
#[cost]
pub fn EncoderAttention<b, s, t, n, k>(
    q: Act<b, s, n, k>,
    keys: Act<b, t, n, k>,
    values: Act<b, t, n, k>,
) -> Act<b, s, n, k> {
    let scores = scale(dot::<k>(q, keys));
    dot::<t>(softmax::<t>(scores), values)
}
