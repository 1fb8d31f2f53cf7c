//! Convolutions: of images, of spectrograms, along tokens.

use cost_models::cost;

/// Patch embedding of ViT (arXiv:2010.11929): an image of `c` channels, `h` by `w`, cut into patches of `r` by `u`.
#[cost(p = h / r, q = w / u)]
pub fn PatchEmbedding<b, c, h, w, p, q, r, u, d>(
    image: Act<b, c, h, w>,
    kernel: Weight<c, r, u, d>,
    bias: Weight<d>,
) -> Act<b, p, q, d> {
    let patches = windows::<w, u, q>(windows::<h, r, p>(image, stride = r), stride = u);
    dot::<(c, r, u)>(patches, kernel) + bias
}

/// A convolution of `r` by `u`, with padding so that the image stays as large where both are 3 (arXiv:1512.03385).
#[cost(p = h + 2 - r + 1, q = w + 2 - u + 1)]
pub fn Convolution<b, c, h, w, p, q, r, u, o>(x: Act<b, c, h, w>, kernel: Weight<c, r, u, o>) -> Act<b, o, p, q> {
    let seen = windows::<w, u, q>(windows::<h, r, p>(x, pad = 1), pad = 1);
    dot::<(c, r, u)>(seen, kernel)
}

/// The same two positions apart: the first of a stage that halves the image.
#[cost(p = (h + 2 - r) / 2 + 1, q = (w + 2 - u) / 2 + 1)]
pub fn StridedConvolution<b, c, h, w, p, q, r, u, o>(
    x: Act<b, c, h, w>,
    kernel: Weight<c, r, u, o>,
) -> Act<b, o, p, q> {
    let seen = windows::<w, u, q>(windows::<h, r, p>(x, stride = 2, pad = 1), stride = 2, pad = 1);
    dot::<(c, r, u)>(seen, kernel)
}

/// A projection of every other position: the shortcut beside it.
#[cost(p = (h - 1) / 2 + 1, q = (w - 1) / 2 + 1, r = 1, u = 1)]
pub fn Shortcut<b, c, h, w, p, q, r, u, o>(x: Act<b, c, h, w>, kernel: Weight<c, r, u, o>) -> Act<b, o, p, q> {
    let seen = windows::<w, u, q>(windows::<h, r, p>(x, stride = 2), stride = 2);
    dot::<(c, r, u)>(seen, kernel)
}

/// The contracting half of a level of U-Net (arXiv:1505.04597): two unpadded convolutions of 3 by 3, then the largest of each 2
/// by 2 positions; the second convolution's result is handed to the other half as well.
#[cost(p = h - 2, q = w - 2, i = h - 4, j = w - 4, k = (h - 4) / 2, l = (w - 4) / 2, r = 3, u = 3, m = 2, n = 2)]
pub fn Contracting<b, c, h, w, p, q, i, j, k, l, r, u, m, n, o>(
    x: Act<b, c, h, w>,
    first: Weight<c, r, u, o>,
    second: Weight<o, r, u, c>,
) -> (Act<b, c, k, l>, Act<b, c, i, j>) {
    let y = relu(dot::<(c, r, u)>(windows::<w, u, q>(windows::<h, r, p>(x)), first));
    let y = store(y);
    let z = relu(dot::<(o, r, u)>(windows::<q, u, j>(windows::<p, r, i>(y)), second));
    let z = store(z);
    (max::<(m, n)>(windows::<j, n, l>(windows::<i, m, k>(z, stride = 2), stride = 2)), z)
}

/// What Whisper's encoder begins with (arXiv:2212.04356): two convolutions of width 3 over `t` frames of `c` mel channels, the
/// second of which keeps every other one.
#[cost(p = t, s = (t - 1) / 2 + 1, r = 3, e = d)]
pub fn WhisperFront<b, t, p, s, c, d, e, r>(
    mel: Act<b, t, c>,
    first: Weight<c, r, d>,
    first_bias: Weight<d>,
    second: Weight<d, r, e>,
    second_bias: Weight<e>,
) -> Act<b, s, e> {
    let x = store(gelu(dot::<(c, r)>(windows::<t, r, p>(mel, pad = 1), first) + first_bias));
    gelu(dot::<(d, r)>(windows::<p, r, s>(x, stride = 2, pad = 1), second) + second_bias)
}

/// Depthwise causal convolution of width `r` over `s` tokens from the start of a text (Mamba, arXiv:2312.00752).
#[cost(p = s, before = r - 1)]
pub fn DepthwiseCausal<b, s, p, d, r, before>(x: Act<b, s, d>, w: Weight<d, r>, bias: Weight<d>) -> Act<b, p, d> {
    silu(dot::<r>(windows::<s, r, p>(x, pad = before), w) + bias)
}

/// A locally connected layer: a kernel of its own at each position (DeepFace, doi:10.1109/CVPR.2014.220).
#[cost(p = h - 2, r = 3)]
pub fn LocallyConnected<b, h, p, r, c, o>(x: Act<b, h, c>, w: Weight<p, r, c, o>) -> Act<b, p, o> {
    dot::<(r, c)>(windows::<h, r, p>(x), w)
}

/// Dynamic convolution (arXiv:1901.10430): each of `s` tokens weighs its neighbours by what it has computed itself, in `n` heads.
#[cost(p = s, r = 3)]
pub fn DynamicConvolution<b, s, p, r, n, c>(x: Act<b, s, n, c>, weights: Act<b, p, n, r>) -> Act<b, p, n, c> {
    dot::<r>(windows::<s, r, p>(x, pad = 1), softmax::<r>(weights))
}

/// The patches of `r` positions around each, in memory with zeros for padding, as matrices for a product (`unfold`).
#[cost(p = h, r = 3)]
pub fn Unfolded<b, h, c, r, p, o>(x: Act<b, h, c>, w: Weight<c, r, o>) -> Act<b, p, o> {
    dot::<(c, r)>(store(windows::<h, r, p>(x, pad = 1)), w)
}
