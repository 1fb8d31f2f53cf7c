//! Layers that mix tokens and channels: of images, of encoders, of diffusion transformers.

use cost_models::cost;
use cost_models::ops::{LayerNorm, UngatedMlp};

/// MLP-Mixer block (arXiv:2105.01601): a network of width `p` across the `s` patches of each channel, then one of width `f`
/// across the `c` channels of each patch.
#[cost]
pub fn MixerBlock<b, s, c, p, f>(x: Act<b, s, c>) -> Act<b, s, c> {
    let h = LayerNorm { b, s, d: c }(x);
    let x =
        x + UngatedMlp { b, s: c, d: s, f: p, bias: 1, gelu: 0, gelu_erf: 1, relu: 0, relu2: 0, silu: 0, xielu: 0 }(h);
    let h = LayerNorm { b, s, d: c }(x);
    x + UngatedMlp { b, s, d: c, f, bias: 1, gelu: 0, gelu_erf: 1, relu: 0, relu2: 0, silu: 0, xielu: 0 }(h)
}

/// Attention whose unscaled scores are raised by a learned number for each head and bucket of distances, `r` buckets (T5,
/// arXiv:1910.10683).
#[cost]
pub fn BucketedAttention<b, s, t, n, k, r>(
    q: Act<b, s, n, k>,
    keys: Act<b, t, n, k>,
    values: Act<b, t, n, k>,
    buckets: Ids<s, t>,
    bias: Weight<r, n>,
) -> Act<b, s, n, k> {
    let scores = dot::<k>(q, keys) + gather::<r>(bias, buckets);
    dot::<t>(softmax::<t>(scores), values)
}

/// Self-attention of T5's encoder (arXiv:1910.10683): `s` tokens of width `d`, `n` heads of width `k`.
#[cost(t = s)]
pub fn T5SelfAttention<b, s, t, d, n, k, r>(
    x: Act<b, s, d>,
    buckets: Ids<s, t>,
    wq: Weight<d, n, k>,
    wk: Weight<d, n, k>,
    wv: Weight<d, n, k>,
    wo: Weight<n, k, d>,
    bias: Weight<r, n>,
) -> Act<b, s, d> {
    let q = dot::<d>(x, wq);
    let keys = rename::<s, t>(dot::<d>(x, wk));
    let values = rename::<s, t>(dot::<d>(x, wv));
    let attended = BucketedAttention { b, s, t, n, k, r }(q, keys, values, buckets, bias);
    dot::<(n, k)>(attended, wo)
}

/// Attention of `s` new tokens over keys and values of an encoder's `m` positions, which are cached once for all steps.
/// Projections have biases and scores are scaled where `bias` is 1 (Whisper, arXiv:2212.04356), else neither (T5,
/// arXiv:1910.10683).
#[cost]
pub fn CrossAttention<b, s, m, d, n, k, bias>(
    x: Act<b, s, d>,
    wq: Weight<d, n, k>,
    q_bias: Weight<n, k>,
    wo: Weight<n, k, d>,
    o_bias: Weight<d>,
    keys: Cache<b, m, n, k>,
    values: Cache<b, m, n, k>,
) -> Act<b, s, d> {
    let q = dot::<d>(x, wq);
    if bias {
        q = scale(q + q_bias);
    }
    let q = store(q);
    let attended = store(dot::<m>(softmax::<m>(dot::<k>(q, keys)), values));
    let y = dot::<(n, k)>(attended, wo);
    if bias {
        y = y + o_bias;
    }
    y
}

/// Multi-head attention of `s` tokens to each other, all projections with biases.
#[cost(t = s)]
pub fn SelfAttention<b, s, t, d, n, k>(
    x: Act<b, s, d>,
    wq: Weight<d, n, k>,
    q_bias: Weight<n, k>,
    wk: Weight<d, n, k>,
    k_bias: Weight<n, k>,
    wv: Weight<d, n, k>,
    v_bias: Weight<n, k>,
    wo: Weight<n, k, d>,
    o_bias: Weight<d>,
) -> Act<b, s, d> {
    let q = dot::<d>(x, wq) + q_bias;
    let keys = rename::<s, t>(dot::<d>(x, wk) + k_bias);
    let values = rename::<s, t>(store(dot::<d>(x, wv) + v_bias));
    let attended = store(dot::<t>(softmax::<t>(scale(dot::<k>(q, keys))), values));
    dot::<(n, k)>(attended, wo) + o_bias
}

/// Window attention (Swin Transformer, arXiv:2103.14030): `m` windows of `w` places, which attend to each other within a window;
/// scores are raised by a learned number for each head and each of `r` offsets.
#[cost(s = m * w, u = w)]
pub fn WindowAttention<b, s, m, w, u, d, n, k, r>(
    x: Act<b, s, d>,
    offsets: Ids<w, u>,
    wq: Weight<d, n, k>,
    q_bias: Weight<n, k>,
    wk: Weight<d, n, k>,
    k_bias: Weight<n, k>,
    wv: Weight<d, n, k>,
    v_bias: Weight<n, k>,
    wo: Weight<n, k, d>,
    o_bias: Weight<d>,
    bias: Weight<r, n>,
) -> Act<b, s, d> {
    let x = split::<s, (m, w)>(x);
    let q = dot::<d>(x, wq) + q_bias;
    let keys = rename::<w, u>(dot::<d>(x, wk) + k_bias);
    let values = rename::<w, u>(store(dot::<d>(x, wv) + v_bias));
    let scores = scale(dot::<k>(q, keys)) + gather::<r>(bias, offsets);
    let attended = store(dot::<u>(softmax::<u>(scores), values));
    merge::<(m, w), s>(dot::<(n, k)>(attended, wo) + o_bias)
}

/// Layer normalisation whose scale and shift are computed from a condition of width `c` (adaLN of DiT, arXiv:2212.09748).
#[cost]
pub fn AdaptiveNorm<b, s, c, d>(
    x: Act<b, s, d>,
    condition: Act<b, c>,
    to_scale: Weight<c, d>,
    scale_bias: Weight<d>,
    to_shift: Weight<c, d>,
    shift_bias: Weight<d>,
) -> Act<b, s, d> {
    let scale = dot::<c>(condition, to_scale) + scale_bias;
    let shift = dot::<c>(condition, to_shift) + shift_bias;
    layer_norm::<d>(x) * (scale + 1.0) + shift
}

/// What a branch of DiT (arXiv:2212.09748) adds, weighed by a gate that is computed from the condition and begins as zero.
#[cost]
pub fn AdaptiveGate<b, s, c, d>(
    x: Act<b, s, d>,
    branch: Act<b, s, d>,
    condition: Act<b, c>,
    to_gate: Weight<c, d>,
    gate_bias: Weight<d>,
) -> Act<b, s, d> {
    x + branch * (dot::<c>(condition, to_gate) + gate_bias)
}

/// DiT block with adaLN-zero (arXiv:2212.09748): attention and a network four times as wide, both conditioned on `b` vectors
/// of timestep and class.
#[cost(c = d, f = 4 * d)]
pub fn DitBlock<b, s, c, d, n, k, f>(x: Act<b, s, d>, condition: Act<b, c>) -> Act<b, s, d> {
    let condition = silu(condition);
    let h = AdaptiveNorm { b, s, c, d }(x, condition);
    let attended = SelfAttention { b, s, d, n, k }(h);
    let x = AdaptiveGate { b, s, c, d }(x, attended, condition);
    let h = AdaptiveNorm { b, s, c, d }(x, condition);
    let y = UngatedMlp { b, s, d, f, bias: 1, gelu: 1, gelu_erf: 0, relu: 0, relu2: 0, silu: 0, xielu: 0 }(h);
    AdaptiveGate { b, s, c, d }(x, y, condition)
}
