//! Attention over keys and values of grouped heads: fused, unfused, tiled, over a quantised cache.

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

/// Grouped-query attention in which a mask with a length says what each token sees.
macro_rules! masked {
    ($(#[$doc:meta])* $name:ident, $mask:ident $(, [$($input:ident: $ty:ty),*] [$($bias:tt)*])?) => {
        $(#[$doc])*
        ///
        /// Values have `h` numbers for each head, keys `k`. `capped` is 1 where scores go through a tanh (Gemma 2),
        /// `sinks` where each head has a learned score that takes its share of the softmax and adds nothing (gpt-oss).
        #[cost(part = attention, $mask(s, t, w))]
        pub fn $name<b, s, t, w, n, g, k, h, capped, sinks>(
            q: Act<b, s, n, g, k>,
            $($($input: $ty,)*)?
            keys: Cache<b, t, n, k>,
            values: Cache<b, t, n, h>,
            #[hf("self_attn.sinks")]
            #[gguf("blk.*.attn_sinks.weight")]
            sink: Weight<n, g>,
        ) -> Act<b, s, n, g, h> {
            let scores = scale(dot::<k>(q, keys)) $($($bias)*)?;
            if capped {
                scores = tanh(scores / 50.0) * 50.0;
            }
            if sinks {
                let most = max::<t>(scores);
                let shares = exp(scores - most);
                scores = shares / (sum::<t>(shares) + exp(sink - most));
            } else {
                scores = softmax::<t>(scores);
            }
            dot::<t>(scores, values)
        }
    };
}

masked! {
    /// Each token sees at most the last `w` tokens, itself included; with `w > t` that is full causal attention.
    Attention, window
}

masked! {
    /// [`Attention`] whose scores are lowered with distance (ALiBi, arXiv:2108.12409): each head's slope times the position
    /// of the key, computed where it is added. Softmax makes that the same as the distance.
    AlibiAttention, window, [slopes: Act<n, g>, positions: Act<t>] [+ slopes * positions]
}

masked! {
    /// Each token sees the `w − 1` tokens before it, itself and the `w − 1` after it (EmbeddingGemma); with `w ≥ t` that is
    /// all of them.
    AroundAttention, around
}

masked! {
    /// Each token sees those before it in its own chunk of `w` tokens (Llama 4).
    ChunkedAttention, chunked
}

/// [`GqaAttention`] with every step a kernel of its own: the scores go to memory and back between them.
#[cost(causal(s, t), unfused)]
pub fn UnfusedAttention<b, s, t, n, g, k>(
    q: Act<b, s, n, g, k>,
    keys: Cache<b, t, n, k>,
    values: Cache<b, t, n, k>,
) -> Act<b, s, n, g, k> {
    let scores = dot::<k>(q, keys);
    let scaled = scale(scores);
    let weights = softmax::<t>(scaled);
    let attended = dot::<t>(weights, values);
    attended
}

/// [`GqaAttention`] by blocks of `c` queries (FlashAttention, arXiv:2205.14135 and 2307.08691): scores stay on chip, keys
/// and values are read once for each block.
#[cost(causal(s, t), tile(s = c))]
pub fn FlashAttention<b, s, t, n, g, k, c>(
    q: Act<b, s, n, g, k>,
    keys: Cache<b, t, n, k>,
    values: Cache<b, t, n, k>,
) -> Act<b, s, n, g, k> {
    let scores = scale(dot::<k>(q, keys));
    dot::<t>(softmax::<t>(scores), values)
}

/// [`GqaAttention`] that widens the elements of a quantised cache as it reads them.
#[cost(causal(s, t))]
pub fn QuantisedCacheAttention<b, s, t, n, g, k>(
    q: Act<b, s, n, g, k>,
    keys: Cache<b, t, n, k>,
    values: Cache<b, t, n, k>,
) -> Act<b, s, n, g, k> {
    let scores = scale(dot::<k>(q, dequant(keys)));
    dot::<t>(softmax::<t>(scores), dequant(values))
}
