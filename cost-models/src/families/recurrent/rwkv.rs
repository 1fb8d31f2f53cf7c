//! RWKV-4 (arXiv:2305.13048).

use cost_macros::cost;

use crate::ops::LayerNorm;

/// The core: averages of values by channel, weighed by exponentials of keys that decay, and by a bonus for the token itself;
/// kept in range by the largest exponent so far.
#[cost(part = attention)]
pub fn Wkv4<b, s, c>(
    key: Act<b, s, c>,
    value: Act<b, s, c>,
    #[hf("attention.time_decay")] rate: Weight<c>,
    #[hf("attention.time_first")] bonus: Weight<c>,
    #[format(f32)] above: State<b, c>,
    #[format(f32)] below: State<b, c>,
    #[format(f32)] largest: State<b, c>,
) -> Act<b, s, c> {
    let rate = -exp(rate);
    let old_above = before::<s>(above);
    let old_below = before::<s>(below);
    let old_largest = before::<s>(largest);
    let own = key + bonus;
    let most = maximum(old_largest, own);
    let kept = exp(old_largest - most);
    let share = exp(own - most);
    let read = (kept * old_above + share * value) / (kept * old_below + share);
    let decayed = old_largest + rate;
    let next = maximum(decayed, key);
    let kept_on = exp(decayed - next);
    let taken = exp(key - next);
    update(above, kept_on * old_above + taken * value);
    update(below, kept_on * old_below + taken);
    update(largest, next);
    read
}

/// Time mixing: keys, values and receptances of `c` channels from the token mixed with the one before it, the core, and the
/// projection back; on a normalised input and added to it. `first_norm` is 1 in the layer that normalises the embeddings.
#[cost(part = attention)]
pub fn RwkvTimeMix<b, s, d, c, first_norm>(
    x: Act<b, s, d>,
    #[part(norm)]
    #[hf("pre_ln.weight")]
    pre_scale: Weight<d>,
    #[part(norm)]
    #[hf("pre_ln.bias")]
    pre_shift: Weight<d>,
    #[part(norm)]
    #[hf("ln1.weight")]
    scale: Weight<d>,
    #[part(norm)]
    #[hf("ln1.bias")]
    shift: Weight<d>,
    #[hf("attention.time_mix_key")] mix_key: Weight<d>,
    #[hf("attention.time_mix_value")] mix_value: Weight<d>,
    #[hf("attention.time_mix_receptance")] mix_receptance: Weight<d>,
    #[hf("attention.key.weight")] wk: Weight<d, c>,
    #[hf("attention.value.weight")] wv: Weight<d, c>,
    #[hf("attention.receptance.weight")] wr: Weight<d, c>,
    #[hf("attention.output.weight")] wo: Weight<c, d>,
    last_x: State<b, d>,
) -> Act<b, s, d> {
    let x_in = x;
    if first_norm {
        x_in = layer_norm::<d>(x) * pre_scale + pre_shift;
    }
    let mixer_in = LayerNorm { b, s, d }(x_in, scale, shift);
    let earlier = before::<s>(last_x);
    update(last_x, mixer_in);
    let key = dot::<d>(mixer_in * mix_key + earlier * (1.0 - mix_key), wk);
    let value = dot::<d>(mixer_in * mix_value + earlier * (1.0 - mix_value), wv);
    let receptance = sigmoid(dot::<d>(mixer_in * mix_receptance + earlier * (1.0 - mix_receptance), wr));
    let read = Wkv4 { b, s, c }(key, value);
    let mixer_out = x_in + dot::<c>(receptance * read, wo);
    mixer_out
}

/// Channel mixing: a network of width `f` with a squared ReLU, weighed by receptances, from the token mixed with the one
/// before it; on a normalised input and added to it.
#[cost(part = ffn, j = d)]
pub fn RwkvChannelMix<b, s, d, f, j>(
    x: Act<b, s, d>,
    #[part(norm)]
    #[hf("ln2.weight")]
    scale: Weight<d>,
    #[part(norm)]
    #[hf("ln2.bias")]
    shift: Weight<d>,
    #[hf("feed_forward.time_mix_key")] mix_key: Weight<d>,
    #[hf("feed_forward.time_mix_receptance")] mix_receptance: Weight<d>,
    #[hf("feed_forward.key.weight")] up: Weight<d, f>,
    #[hf("feed_forward.value.weight")] down: Weight<f, d>,
    #[hf("feed_forward.receptance.weight")] wr: Weight<d, j>,
    last_x: State<b, d>,
) -> Act<b, s, d> {
    let ffn_in = LayerNorm { b, s, d }(x, scale, shift);
    let earlier = before::<s>(last_x);
    update(last_x, ffn_in);
    let h = store(square(relu(dot::<d>(ffn_in * mix_key + earlier * (1.0 - mix_key), up))));
    let receptance = sigmoid(dot::<d>(ffn_in * mix_receptance + earlier * (1.0 - mix_receptance), wr));
    let ffn_out = x + rename::<j, d>(receptance) * dot::<f>(h, down);
    ffn_out
}
