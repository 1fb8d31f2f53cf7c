//! Layers that keep or compute numbers in fewer bits, and those that fill a cache at once.

use cost_models::cost;

/// BitLinear of BitNet b1.58 (arXiv:2402.17764): ternary weights, kept in 2 bits each, with one scale; each token's
/// normalised activations in 8 bits, their largest being 127. The product is of integers.
#[cost]
pub fn BitLinear<b, s, d, f>(
    x: Act<b, s, d>,
    #[format(int2)] w: Weight<d, f>,
    #[format(f32)] step: Weight,
) -> Act<b, s, f> {
    let x = rms_norm::<d>(x);
    let token = max::<d>(abs(x)) / 127;
    let x = cast::<int8>(clamp(round(x / token)));
    dot::<d>(x, w) * (token * step)
}

/// The same weights where the input of the product goes through memory in 8 bits.
#[cost]
pub fn StoredBits<b, s, d, f>(x: Act<b, s, d>, #[format(int2)] w: Weight<d, f>) -> Act<b, s, f> {
    #[format(int8)]
    let h = round(x);
    dot::<d>(store(h), w)
}

/// Causal attention over `t` tokens whose keys and values are cached in 8 bits with a scale for each token and head, as
/// KVQuant's baseline has it (arXiv:2401.18079): scores and results are scaled, not the cache.
#[cost(causal(s, t))]
pub fn QuantisedCacheAttention<b, s, t, n, g, k>(
    q: Act<b, s, n, g, k>,
    key: Act<b, s, n, k>,
    value: Act<b, s, n, k>,
    #[format(int8)] keys: Cache<b, t, n, k>,
    #[format(f16)] key_steps: Cache<b, t, n>,
    #[format(int8)] values: Cache<b, t, n, k>,
    #[format(f16)] value_steps: Cache<b, t, n>,
) -> Act<b, s, n, g, k> {
    let key_step = max::<k>(abs(key)) / 127;
    let value_step = max::<k>(abs(value)) / 127;
    let keys = append::<t>(keys, cast::<int8>(round(key / key_step)));
    let values = append::<t>(values, cast::<int8>(round(value / value_step)));
    let key_steps = append::<t>(key_steps, key_step);
    let value_steps = append::<t>(value_steps, value_step);
    let scores = scale(dot::<k>(q, keys) * key_steps);
    dot::<t>(softmax::<t>(scores) * value_steps, values)
}

/// A decoder's first step in Whisper (arXiv:2212.04356): the keys and values of the encoder's `m` positions are computed
/// and cached for all steps to come, and `s` tokens attend to them.
#[cost]
pub fn FirstCrossAttention<b, s, m, d, n, k>(
    q: Act<b, s, n, k>,
    audio: Act<b, m, d>,
    wk: Weight<d, n, k>,
    wv: Weight<d, n, k>,
    keys: Cache<b, m, n, k>,
    values: Cache<b, m, n, k>,
) -> Act<b, s, n, k> {
    let keys = fill(keys, store(dot::<d>(audio, wk)));
    let values = fill(values, store(dot::<d>(audio, wv)));
    dot::<m>(softmax::<m>(scale(dot::<k>(q, keys))), values)
}
