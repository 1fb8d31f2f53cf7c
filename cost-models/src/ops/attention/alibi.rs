//! Attention with linear biases.

use cost_macros::cost;

/// [`GqaAttention`](super::GqaAttention) whose scores are lowered with distance (ALiBi, arXiv:2108.12409): each head's slope
/// times the position of the key, computed where it is added. Softmax makes that the same as the distance.
#[cost(causal(s, t))]
pub fn AlibiAttention<b, s, t, n, g, k>(
    q: Act<b, s, n, g, k>,
    slopes: Act<n, g>,
    places: Act<t>,
    keys: Cache<b, t, n, k>,
    values: Cache<b, t, n, k>,
) -> Act<b, s, n, g, k> {
    let scores = scale(dot::<k>(q, keys)) + slopes * places;
    dot::<t>(softmax::<t>(scores), values)
}
