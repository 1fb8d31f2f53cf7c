//! Attention over a long cache in chunks, whose partial results are merged (Flash-Decoding).

use super::GqaAttention;
use crate::error::Error;
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

impl SplitAttention {
    /// The attention of one query over a cache that is cut into chunks of `chunk` tokens.
    ///
    /// An error if the chunk is empty, longer than the cache, or doesn't divide it.
    pub fn of(attention: &GqaAttention, chunk: u64) -> Result<Self, Error> {
        let GqaAttention { b, s, t, n, g, k } = *attention;
        let wrong = match chunk {
            0 => Some("at least one token".to_owned()),
            _ if chunk > t => Some(format!("at most the cache's length, which is {t}")),
            _ if !t.is_multiple_of(chunk) => Some(format!("a divisor of the cache's length, which is {t}")),
            _ => None,
        };
        if let Some(expected) = wrong {
            return Err(Error::Field { field: "chunk".to_owned(), found: chunk.to_string(), expected });
        }
        if s != 1 {
            let expected = "1: later queries would see different parts of the last chunk".to_owned();
            return Err(Error::Field { field: "s".to_owned(), found: s.to_string(), expected });
        }
        Ok(Self { b, s, j: t / chunk, u: chunk, n, g, k })
    }
}

/// [`SplitAttention`] in the latent space: `j` chunks of `u` latent vectors of width `c` with rotary parts of width `p`.
#[cost]
pub fn MlaSplitAttention<b, s, j, u, h, c, p>(
    q: Act<b, s, h, c>,
    q_rope: Act<b, s, h, p>,
    latent: Cache<b, j, u, c>,
    rope_keys: Cache<b, j, u, p>,
) -> Act<b, s, h, c> {
    let scores = scale(dot::<c>(q, latent) + dot::<p>(q_rope, rope_keys));
    let largest = max::<u>(scores);
    let weights = exp(scores - largest);
    let total = sum::<u>(weights);
    let partial = store(dot::<u>(weights, latent));
    let merged = Merge { b, s, j, n: h, g: 1, k: c }(partial, largest, total);
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
